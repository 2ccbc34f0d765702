//! Enums that are words in the database and on the wire.

/// Declares an enum whose variants are words in the database and on the wire. With `or Unknown` it is open: a word that a
/// newer version of the program has written is read as that variant, so that an older one, in a process or in a browser,
/// goes on beside it.
macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($(#[$variant_meta:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Deserialize)]
        #[cfg_attr(feature = "ssr", derive(sqlx::Type, utoipa::ToSchema), sqlx(type_name = "text"))]
        #[serde(try_from = "String")]
        pub enum $name {
            $($(#[$variant_meta])* #[cfg_attr(feature = "ssr", sqlx(rename = $word), schema(rename = $word))] $variant),+
        }
        words!(@common $name { $($variant = $word),+ });

        // Read as a word: a derived reader of enums is several times as large, and browsers download it.
        impl TryFrom<String> for $name {
            type Error = String;

            fn try_from(word: String) -> Result<Self, Self::Error> {
                word.parse()
            }
        }

        impl std::str::FromStr for $name {
            type Err = String;

            fn from_str(word: &str) -> Result<Self, Self::Err> {
                match word {
                    $($word => Ok(Self::$variant),)+
                    other => Err(format!("\"{other}\" is no {}", stringify!($name))),
                }
            }
        }
    };
    ($(#[$meta:meta])* $name:ident { $($(#[$variant_meta:meta])* $variant:ident = $word:literal),+ $(,)? } or $unknown:ident) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Deserialize)]
        #[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
        #[serde(from = "String")]
        pub enum $name {
            $($(#[$variant_meta])* #[cfg_attr(feature = "ssr", schema(rename = $word))] $variant,)+
            /// A word that this version doesn't know.
            #[cfg_attr(feature = "ssr", schema(rename = "unknown"))]
            $unknown,
        }
        words!(@common $name { $($variant = $word),+ } $unknown);

        impl From<&str> for $name {
            fn from(word: &str) -> Self {
                match word {
                    $($word => Self::$variant,)+
                    _ => Self::$unknown,
                }
            }
        }

        impl From<String> for $name {
            fn from(word: String) -> Self {
                word.as_str().into()
            }
        }
    };
    (@common $name:ident { $($variant:ident = $word:literal),+ } $($unknown:ident)?) => {
        impl $name {
            /// Every variant that has a word, in the order of their declaration.
            pub const ALL: [Self; [$($word),+].len()] = [$(Self::$variant),+];

            /// The word that the database and the API use.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ $(Self::$unknown => "unknown",)? }
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.serialize_str(self.as_str())
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}
pub(crate) use words;
