-- What the application's role may do, no more and no less: given by the owner of the schema after each migration, and the
-- same however often. The role's name stands in the setting numwatch.application.
DO $$
DECLARE
    application constant text := current_setting('numwatch.application');
    home        constant text := current_schema();
    thing       record;
    may         text;
BEGIN
    -- Of two processes at it one waits: neither could change what the other has just changed.
    PERFORM pg_advisory_xact_lock(20057, 1);
    EXECUTE format('GRANT CONNECT, TEMPORARY ON DATABASE %I TO %I', current_database(), application);
    -- What it could create it would own.
    EXECUTE format('REVOKE CREATE ON SCHEMA %I FROM PUBLIC, %I', home, application);
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO %I', home, application);
    -- What others keep in the same schema is theirs to give.
    FOR thing IN
        SELECT oid, relkind, relname, oid::regclass AS name FROM pg_class
        WHERE relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = home)
          AND relkind IN ('r', 'p', 'v', 'S') AND pg_has_role(relowner, 'USAGE')
    LOOP
        may := CASE
            -- Numbers are taken, never set. Lines of the audit are given theirs.
            WHEN thing.relkind = 'S' AND thing.relname = 'audit_id_seq' THEN NULL
            WHEN thing.relkind = 'S' THEN 'USAGE'
            WHEN thing.relkind = 'v' OR thing.relname = '_sqlx_migrations' THEN 'SELECT'
            -- Neither when a line was noted nor its number is the application's to say.
            WHEN thing.relname = 'audit' THEN
                (SELECT format('SELECT, INSERT (%s)', string_agg(quote_ident(attname), ', ' ORDER BY attnum))
                 FROM pg_attribute
                 WHERE attrelid = thing.oid AND attnum > 0 AND NOT attisdropped AND attname NOT IN ('id', 'at'))
            -- Whose lines stay.
            WHEN EXISTS (SELECT FROM pg_trigger
                         WHERE tgrelid = thing.oid AND tgfoid = 'refuse_to_rewrite'::regproc) THEN 'SELECT, INSERT'
            -- To empty a table at once is nothing that the application does.
            ELSE 'SELECT, INSERT, UPDATE, DELETE'
        END;
        EXECUTE format('REVOKE ALL ON %s %s FROM %I',
                       CASE thing.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, thing.name, application);
        IF may IS NOT NULL THEN
            EXECUTE format('GRANT %s ON %s %s TO %I', may,
                           CASE thing.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, thing.name, application);
        END IF;
    END LOOP;
    IF has_table_privilege(application, 'audit', 'UPDATE, DELETE, TRUNCATE') THEN
        RAISE EXCEPTION '% may still change the audit: everybody was given that, or a role that it is a member of', application;
    END IF;
END
$$;
