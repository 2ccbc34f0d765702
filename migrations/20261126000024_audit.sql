-- Who did what, and who was refused what: through which door, from where, to which import. Lines are added and stay: they
-- outlive the account, the token and the log that they name, so these are no keys.
CREATE TABLE audit (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at         timestamptz NOT NULL DEFAULT now(),
    action     text NOT NULL,
    refused    boolean NOT NULL DEFAULT false,
    actor_kind text NOT NULL,
    -- Of an account or a token.
    actor_id   integer,
    -- As it was called then. NULL: nobody has signed in, or it is the scheduler.
    actor_name text,
    door       text NOT NULL,
    address    text,
    import_id  integer,
    -- What more there is to say: src/model/audit.rs.
    detail     jsonb NOT NULL DEFAULT '{}'
);

-- Each filter's lines in the order of time, of which a page is a part.
CREATE INDEX audit_latest ON audit (at, id);
CREATE INDEX audit_of_action ON audit (action, at, id);
CREATE INDEX audit_of_kind ON audit (actor_kind, at, id);
CREATE INDEX audit_of_name ON audit (actor_name, at, id) WHERE actor_name IS NOT NULL;
CREATE INDEX audit_of_import ON audit (import_id, at, id) WHERE import_id IS NOT NULL;
CREATE INDEX audit_refused ON audit (at, id) WHERE refused;

-- For everyone, the owner and a session that plays back a replica's changes included.
CREATE TRIGGER audit_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_rewrite();
ALTER TABLE audit ENABLE ALWAYS TRIGGER audit_stays;
REVOKE UPDATE, DELETE, TRUNCATE ON audit FROM CURRENT_USER;
