//! What an object store's client is told besides the store's address: by the names that each store's own tools use.

use object_store::ObjectStoreScheme;

use super::{ConfigError, reader::Reader};
use crate::server::secret::{SecretString, SecretUrl};

/// Variables of one kind of store.
struct Kind {
    of: ObjectStoreScheme,
    /// These may come from a file, too.
    secret: &'static [&'static str],
    plain: &'static [&'static str],
}

const KINDS: [Kind; 3] = [
    Kind {
        of: ObjectStoreScheme::AmazonS3,
        secret: &[
            "AWS_ACCESS_KEY_ID",
            "AWS_SECRET_ACCESS_KEY",
            "AWS_SESSION_TOKEN",
        ],
        plain: &[
            "AWS_REGION",
            "AWS_DEFAULT_REGION",
            "AWS_ENDPOINT",
            "AWS_ENDPOINT_URL",
            "AWS_ENDPOINT_URL_S3",
            "AWS_ALLOW_HTTP",
            "AWS_VIRTUAL_HOSTED_STYLE_REQUEST",
            "AWS_SERVER_SIDE_ENCRYPTION",
            "AWS_SSE_KMS_KEY_ID",
            // How a machine or a container is known without a key.
            "AWS_ROLE_ARN",
            "AWS_ROLE_SESSION_NAME",
            "AWS_WEB_IDENTITY_TOKEN_FILE",
            "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
            "AWS_CONTAINER_CREDENTIALS_FULL_URI",
            "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
            "AWS_METADATA_ENDPOINT",
        ],
    },
    Kind {
        of: ObjectStoreScheme::MicrosoftAzure,
        secret: &[
            "AZURE_STORAGE_ACCOUNT_KEY",
            "AZURE_STORAGE_SAS_TOKEN",
            "AZURE_CLIENT_SECRET",
        ],
        plain: &[
            "AZURE_STORAGE_ACCOUNT_NAME",
            "AZURE_STORAGE_ENDPOINT",
            "AZURE_STORAGE_USE_EMULATOR",
            "AZURE_ALLOW_HTTP",
            "AZURE_CLIENT_ID",
            "AZURE_TENANT_ID",
            "AZURE_AUTHORITY_HOST",
            "AZURE_FEDERATED_TOKEN_FILE",
        ],
    },
    Kind {
        of: ObjectStoreScheme::GoogleCloudStorage,
        secret: &["GOOGLE_SERVICE_ACCOUNT_KEY"],
        plain: &["GOOGLE_SERVICE_ACCOUNT", "GOOGLE_APPLICATION_CREDENTIALS"],
    },
];

/// What a store's client is told, each by the variable's name. Nothing of it is shown.
pub type StoreOptions = Vec<(&'static str, SecretString)>;

impl Reader<'_> {
    /// The variables of the store that an address is in; those of others aren't looked at.
    ///
    /// # Errors
    /// When a secret's file can't be read, or is set beside the variable itself.
    pub fn store_options(&self, store: &SecretUrl) -> Result<StoreOptions, ConfigError> {
        let mut options = StoreOptions::new();
        let kind = ObjectStoreScheme::parse(store.expose()).ok();
        let kind = kind.and_then(|(of, _)| KINDS.iter().find(|kind| kind.of == of));
        let Some(kind) = kind else {
            return Ok(options);
        };
        for name in kind.secret {
            options.extend(self.secret(name)?.map(|value| (*name, value)));
        }
        for name in kind.plain {
            options.extend(self.text(name).map(|value| (*name, value.into())));
        }
        Ok(options)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::secret::ExposeSecret as _;

    fn read(store: &str, variables: &[(&str, &str)]) -> Result<Vec<(String, String)>, String> {
        let lookup = |name: &str| {
            let mut set = variables.iter().filter(|(key, _)| *key == name);
            set.next().map(|(_, value)| (*value).to_owned())
        };
        let store = store.parse::<url::Url>().unwrap().into();
        let read = Reader(&lookup).store_options(&store);
        read.map(|options| {
            let own = options.iter();
            own.map(|(name, value)| ((*name).to_owned(), value.expose_secret().to_owned()))
                .collect()
        })
        .map_err(|error| error.to_string())
    }

    #[test]
    fn a_store_is_told_its_own_variables_and_no_others() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        std::fs::write(&path, "from a file\n").unwrap();
        let variables = [
            ("AWS_ACCESS_KEY_ID", "id"),
            ("AWS_SECRET_ACCESS_KEY_FILE", path.to_str().unwrap()),
            ("AWS_REGION", "ap-southeast-1"),
            ("AWS_PROFILE", "somebody's"),
            ("AZURE_STORAGE_ACCOUNT_NAME", "account"),
        ];
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(
            read("s3://bucket/a", &variables),
            Ok(vec![
                pair("AWS_ACCESS_KEY_ID", "id"),
                pair("AWS_SECRET_ACCESS_KEY", "from a file"),
                pair("AWS_REGION", "ap-southeast-1"),
            ])
        );
        assert_eq!(
            read("az://container/a", &variables),
            Ok(vec![pair("AZURE_STORAGE_ACCOUNT_NAME", "account")])
        );
        assert_eq!(read("file:///a", &variables), Ok(Vec::new()));
    }

    #[test]
    fn a_key_that_is_set_twice_is_refused_where_it_is_used() {
        let twice = [
            ("AWS_SECRET_ACCESS_KEY", "hunter2"),
            ("AWS_SECRET_ACCESS_KEY_FILE", "/absent"),
        ];
        let refused = read("s3://bucket", &twice).unwrap_err();
        assert!(
            refused.starts_with("AWS_SECRET_ACCESS_KEY: is set, and"),
            "{refused}"
        );
        assert!(!refused.contains("hunter2"), "{refused}");
        assert_eq!(read("file:///a", &twice), Ok(Vec::new()));
    }
}
