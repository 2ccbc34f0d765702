-- Of the logs. As before, whoever waits for the table makes all later readers wait.
DO $$
BEGIN
    SET LOCAL lock_timeout = '100ms';
    LOOP
        BEGIN
            ALTER TABLE import_logs
                -- Whether each game and result that the import created or changed knows it. False of imports before this
                -- was kept.
                ADD COLUMN traced boolean NOT NULL DEFAULT false,
                -- When it was last undone, by whom, and what became of what it had brought: src/model/undone.rs.
                ADD COLUMN undone_at timestamptz,
                ADD COLUMN undone_by text,
                ADD COLUMN undone jsonb;
            EXIT;
        EXCEPTION WHEN lock_not_available THEN
            PERFORM pg_sleep(1);
        END;
    END LOOP;
    SET LOCAL lock_timeout = 0;
END
$$;
