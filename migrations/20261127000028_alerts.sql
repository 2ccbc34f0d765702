-- What is to be told to a webhook. What happens writes it, in its own transaction, by triggers: whichever process, statement
-- or version of the program ends an import, both are there or neither. Any process that has the webhook sends it.
CREATE TABLE alerts (
    -- The same with each attempt: by it a receiver knows one that comes twice.
    id           uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    event        text NOT NULL,
    -- What it is about: an import's number, a day, an instant. Of each there is one, however many processes see it.
    subject      text NOT NULL,
    import_id    integer,
    -- The import as it was then: its log may be gone when this is sent.
    import       jsonb,
    -- What more there is to say: src/model/alert.rs.
    detail       jsonb NOT NULL DEFAULT '{}',
    created_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    state        text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'delivered', 'given_up', 'summed_up')),
    attempts     integer NOT NULL DEFAULT 0,
    -- Not before; while it is being sent, until when its sender has to be heard of.
    due_at       timestamptz NOT NULL DEFAULT now(),
    begun_at     timestamptz,
    ended_at     timestamptz,
    -- To whom, without what is secret; and why not, the last time.
    host         text,
    trouble      text,
    -- The message that tells of this one among others.
    summary_id   uuid,
    -- What it tells of is over: a failure, or a success that was overdue.
    recovered_at timestamptz,
    UNIQUE (event, subject)
);
CREATE INDEX alerts_waiting ON alerts (due_at) WHERE state = 'waiting';
CREATE INDEX alerts_begun ON alerts (begun_at);
CREATE INDEX alerts_latest ON alerts (created_at, id);
CREATE INDEX alerts_standing ON alerts (event, created_at) WHERE recovered_at IS NULL;

-- Where alerts go, and when a process that sends them there was last seen. Without one nothing is written.
CREATE TABLE alert_receivers (
    host    text PRIMARY KEY,
    signed  boolean NOT NULL,
    seen_at timestamptz NOT NULL DEFAULT now()
);

-- By which it is known that a success is overdue. Logs go, these stay. By the database's clock.
CREATE TABLE schedule_watch (
    only_row     boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    on_since     timestamptz NOT NULL DEFAULT now(),
    last_success timestamptz
);
INSERT INTO schedule_watch (last_success)
SELECT max(completed_at) FROM import_logs WHERE requested_by = 'scheduler' AND status = 'success';

-- An hour without a sender is a restart that takes its time; a longer one is an installation that wants no alerts.
CREATE FUNCTION alerts_are_wanted() RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM alert_receivers WHERE seen_at > now() - interval '1 hour')
$$;

CREATE FUNCTION alerted_import(log import_logs) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object(
        'id', log.id, 'import_type', log.import_type, 'filename', log.filename, 'status', log.status,
        'failure_kind', log.failure_kind, 'error_message', log.error_message,
        'started_at', log.started_at, 'completed_at', log.completed_at,
        'range_start', log.range_start, 'range_end', log.range_end,
        'requested_by', log.requested_by, 'retry_of', log.retry_of)
$$;

-- A failure is told, unless somebody wanted it. While the feed is down the scheduler fails every few minutes: the first
-- failure speaks for those of its kind that follow, for a day, or until it is settled, or one succeeds. A success of the
-- scheduler ends its being overdue.
CREATE FUNCTION alert_of_end() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.status = 'failed' THEN
        IF NEW.failure_kind IS DISTINCT FROM 'cancelled' AND alerts_are_wanted()
           AND NOT (NEW.requested_by IS NOT DISTINCT FROM 'scheduler' AND EXISTS (
               SELECT FROM alerts told JOIN import_logs log ON log.id = told.import_id
               WHERE told.event = 'import_failed' AND told.recovered_at IS NULL AND told.created_at > now() - interval '1 day'
                 AND log.requested_by = 'scheduler' AND log.open_failure
                 AND log.failure_kind IS NOT DISTINCT FROM NEW.failure_kind
                 AND told.created_at > coalesce((SELECT last_success FROM schedule_watch), '-infinity')))
        THEN
            INSERT INTO alerts (event, subject, import_id, import)
            VALUES ('import_failed', NEW.id::text, NEW.id, alerted_import(NEW))
            ON CONFLICT DO NOTHING;
        END IF;
    ELSIF NEW.requested_by IS NOT DISTINCT FROM 'scheduler' THEN
        UPDATE schedule_watch SET last_success = clock_timestamp();
        WITH over AS (
            UPDATE alerts SET recovered_at = clock_timestamp()
            WHERE event = 'success_overdue' AND recovered_at IS NULL RETURNING id)
        INSERT INTO alerts (event, subject, import_id, import, detail)
        SELECT 'import_recovered', id::text, NEW.id, alerted_import(NEW),
               jsonb_build_object('recovers', id, 'recovered_by', NEW.id)
        FROM over WHERE alerts_are_wanted()
        ON CONFLICT DO NOTHING;
    END IF;
    RETURN NULL;
END
$$;

-- A failure that was told is settled by an import that brought what it lacked: that is told, too, also where retries that
-- failed stood for it meanwhile.
CREATE FUNCTION alert_of_recovery() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    WITH over AS (
        UPDATE alerts SET recovered_at = clock_timestamp()
        WHERE event = 'import_failed' AND subject = NEW.id::text AND recovered_at IS NULL RETURNING id)
    INSERT INTO alerts (event, subject, import_id, import, detail)
    SELECT 'import_recovered', id::text, NEW.id, alerted_import(NEW),
           jsonb_build_object('recovers', id, 'recovered_by', NEW.resolved_by)
    FROM over WHERE alerts_are_wanted()
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END
$$;

-- A day of unusual volume is told once, however often it is asked for.
CREATE FUNCTION alert_of_volume() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO alerts (event, subject, import_id, import, detail)
    SELECT 'unusual_volume', to_char(NEW.date, 'YYYY-MM-DD'), log.id, alerted_import(log),
           jsonb_build_object('date', NEW.date, 'sentence', NEW.unusual)
    FROM import_logs log WHERE log.id = NEW.import_id AND alerts_are_wanted()
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END
$$;

CREATE FUNCTION note_schedule_on() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE schedule_watch SET on_since = clock_timestamp();
    -- What was overdue before it was switched off is no longer waited for.
    UPDATE alerts SET recovered_at = clock_timestamp() WHERE event = 'success_overdue' AND recovered_at IS NULL;
    RETURN NULL;
END
$$;

-- Whoever waits for a table makes all later writers wait.
DO $$
BEGIN
    SET LOCAL lock_timeout = '100ms';
    LOOP
        BEGIN
            CREATE TRIGGER import_end_alerted AFTER UPDATE OF status ON import_logs
                FOR EACH ROW WHEN (OLD.status = 'running' AND NEW.status <> 'running') EXECUTE FUNCTION alert_of_end();
            CREATE TRIGGER import_recovery_alerted AFTER UPDATE OF resolved_by ON import_logs
                FOR EACH ROW WHEN (OLD.resolved_by IS NULL AND NEW.resolved_by IS NOT NULL)
                EXECUTE FUNCTION alert_of_recovery();
            CREATE TRIGGER import_volume_alerted AFTER UPDATE OF unusual ON import_dates
                FOR EACH ROW WHEN (NEW.unusual IS NOT NULL) EXECUTE FUNCTION alert_of_volume();
            CREATE TRIGGER schedule_switched_on AFTER UPDATE OF enabled ON schedule
                FOR EACH ROW WHEN (NEW.enabled AND NOT OLD.enabled) EXECUTE FUNCTION note_schedule_on();
            EXIT;
        EXCEPTION WHEN lock_not_available THEN
            PERFORM pg_sleep(1);
        END;
    END LOOP;
    SET LOCAL lock_timeout = 0;
END
$$;
