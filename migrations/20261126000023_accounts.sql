-- Who may do what. As long as there is neither an account nor a token NumWatch is open to whoever uses its own machine; from
-- the first one on, for good. So accounts are disabled and tokens revoked, and none is ever removed.
CREATE TABLE accounts (
    id          integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name        text NOT NULL UNIQUE CHECK (name ~ '^[a-z0-9][a-z0-9._@-]{0,63}$'),
    email       text,
    role        text NOT NULL CHECK (role IN ('viewer', 'operator', 'admin')),
    -- Argon2id, as a PHC string.
    password    text NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now(),
    created_by  text,
    last_login  timestamptz,
    disabled_at timestamptz
);

-- Who is signed in: the SHA-256 of the random number that the browser or client has. It ends when it wasn't used for a while,
-- when it is old, and with a change of password or role.
CREATE TABLE account_sessions (
    hash       bytea PRIMARY KEY CHECK (octet_length(hash) = 32),
    -- By which its owner can end it.
    id         integer GENERATED ALWAYS AS IDENTITY UNIQUE,
    account_id integer NOT NULL REFERENCES accounts,
    -- 'page': in a cookie. 'api': as a bearer token, of POST /auth/login.
    kind       text NOT NULL CHECK (kind IN ('page', 'api')),
    created_at timestamptz NOT NULL DEFAULT now(),
    -- When a person last did something with it, to a minute.
    used_at    timestamptz NOT NULL DEFAULT now(),
    address    text,
    agent      text
);
CREATE INDEX account_sessions_account ON account_sessions (account_id);

-- Programs. Only the SHA-256 of a token is kept.
CREATE TABLE api_tokens (
    id         integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name       text NOT NULL UNIQUE CHECK (name ~ '^[a-z0-9][a-z0-9._@-]{0,63}$'),
    role       text NOT NULL CHECK (role IN ('viewer', 'operator', 'admin')),
    hash       bytea NOT NULL UNIQUE CHECK (octet_length(hash) = 32),
    created_at timestamptz NOT NULL DEFAULT now(),
    created_by text,
    -- NULL: never.
    expires_at timestamptz,
    -- To a minute.
    used_at    timestamptz,
    revoked_at timestamptz
);

-- Sign-ins of the last minutes that failed, or whose outcome is still to come. They are counted, so that nobody can try
-- passwords for long, at whichever process.
CREATE TABLE sign_in_attempts (
    id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    -- The name that was given, whether there is such an account or not.
    name    text NOT NULL,
    address text NOT NULL
);
CREATE INDEX sign_in_attempts_name ON sign_in_attempts (name, at);
CREATE INDEX sign_in_attempts_address ON sign_in_attempts (address, at);

ALTER TABLE schedule ADD COLUMN stopped_by_name text;

-- Whoever waits for the table makes all later readers wait.
DO $$
BEGIN
    SET LOCAL lock_timeout = '100ms';
    LOOP
        BEGIN
            ALTER TABLE import_logs
                -- Who asked for it: an account, or a token or terminal with a word before its name. The door, which
                -- requested_by holds, says the rest.
                ADD COLUMN requested_by_name text;
            EXIT;
        EXCEPTION WHEN lock_not_available THEN
            PERFORM pg_sleep(1);
        END;
    END LOOP;
    SET LOCAL lock_timeout = 0;
END
$$;
