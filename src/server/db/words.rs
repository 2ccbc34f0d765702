//! How PostgreSQL's text becomes the open enums of the model: a word that a newer version has written is no error.

use sqlx::{
    Decode, Type,
    error::BoxDynError,
    postgres::{PgTypeInfo, PgValueRef, Postgres},
};

use crate::model::{
    access::Role,
    alert::{AlertState, Event},
    audit::{ActorKind, Deed},
    import_log::{DateOutcome, FailureKind, ImportType, Phase, Requester},
    timeline::EventKind,
};

macro_rules! read_as_text {
    ($($name:ty),+) => {$(
        impl Type<Postgres> for $name {
            fn type_info() -> PgTypeInfo {
                <str as Type<Postgres>>::type_info()
            }

            fn compatible(ty: &PgTypeInfo) -> bool {
                <str as Type<Postgres>>::compatible(ty)
            }
        }

        impl<'r> Decode<'r, Postgres> for $name {
            fn decode(value: PgValueRef<'r>) -> Result<Self, BoxDynError> {
                <&str as Decode<'r, Postgres>>::decode(value).map(Into::into)
            }
        }
    )+};
}

read_as_text!(
    ActorKind,
    AlertState,
    DateOutcome,
    Deed,
    Event,
    EventKind,
    FailureKind,
    Granted,
    ImportType,
    Phase,
    Requester
);

/// A role as the database has it. One that a newer version has given may here what every role may.
#[derive(Clone, Copy, Debug)]
pub struct Granted(Role);

impl From<&str> for Granted {
    fn from(word: &str) -> Self {
        Self(word.parse().unwrap_or(Role::Viewer))
    }
}

impl From<Granted> for Role {
    fn from(Granted(role): Granted) -> Self {
        role
    }
}
