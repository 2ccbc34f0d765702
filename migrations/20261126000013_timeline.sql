-- What happened to an import between its start and its end, which its log has. A line is written by the statement that
-- makes it true; it goes with its log. Each kind happens once to an attempt, and each phase is entered once: the key says
-- so, finds the lines of a log, and lets whoever isn't sure whether it has written one write it again.
CREATE TABLE import_events (
    log_id  integer NOT NULL REFERENCES import_logs ON DELETE CASCADE,
    -- By the database's clock.
    at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    kind    text NOT NULL,
    attempt integer NOT NULL,
    -- Of the kind 'phase': which one.
    phase   text NOT NULL DEFAULT '',
    -- A sentence, or who asked.
    detail  text,
    PRIMARY KEY (log_id, attempt, kind, phase)
);

-- A trigger, because runs change in several places. Progress and leases, which change each second, are none of its business.
CREATE FUNCTION note_import_event() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.attempt > OLD.attempt THEN
        INSERT INTO import_events (log_id, kind, attempt) VALUES (NEW.import_id, 'begun', NEW.attempt)
        ON CONFLICT DO NOTHING;
    END IF;
    IF NEW.phase = 'queued' AND OLD.phase <> 'queued' THEN
        INSERT INTO import_events (log_id, kind, attempt, detail)
        VALUES (NEW.import_id, CASE OLD.phase WHEN 'uploading' THEN 'received' ELSE 'handed_back' END, NEW.attempt,
                NEW.trouble)
        ON CONFLICT DO NOTHING;
    END IF;
    IF NEW.cancelled_by IS NOT NULL AND OLD.cancelled_by IS NULL THEN
        INSERT INTO import_events (log_id, kind, attempt, detail)
        VALUES (NEW.import_id, 'cancel_asked', NEW.attempt, NEW.cancelled_by)
        ON CONFLICT DO NOTHING;
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER import_event AFTER UPDATE ON import_runs
    FOR EACH ROW WHEN (NEW.attempt > OLD.attempt OR (NEW.phase = 'queued' AND OLD.phase <> 'queued')
                       OR (NEW.cancelled_by IS NOT NULL AND OLD.cancelled_by IS NULL))
    EXECUTE FUNCTION note_import_event();
