-- Whoever shows imports hears of what changes, whichever process and statement changed it. A message holds the numbers of
-- the imports, with commas between; none when there are more than a hundred, or when it was something else. One a
-- statement: PostgreSQL lets transactions that have something to tell commit one after the other, and a removal of a
-- million logs is one thing to tell. Those with the same text in one transaction are sent once.
CREATE FUNCTION tell_of_logs() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    ids integer[];
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        PERFORM pg_notify('changed', '');
        RETURN NULL;
    END IF;
    ids := ARRAY(SELECT id FROM changed LIMIT 101);
    IF cardinality(ids) > 0 THEN
        PERFORM pg_notify('changed', CASE WHEN cardinality(ids) > 100 THEN '' ELSE array_to_string(ids, ',') END);
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER import_logs_added_told AFTER INSERT ON import_logs
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION tell_of_logs();
CREATE TRIGGER import_logs_changed_told AFTER UPDATE ON import_logs
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION tell_of_logs();
CREATE TRIGGER import_logs_removed_told AFTER DELETE ON import_logs
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION tell_of_logs();
CREATE TRIGGER import_logs_emptied_told AFTER TRUNCATE ON import_logs
    FOR EACH STATEMENT EXECUTE FUNCTION tell_of_logs();

-- What a run does, and how far it is. A heartbeat that only renews the lease is nothing to tell, nor is a guess at how
-- long it will take. Progress has a channel of its own, since there is no hurry about it.
CREATE FUNCTION tell_of_run() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify(TG_ARGV[0], NEW.import_id::text);
    RETURN NULL;
END
$$;
CREATE TRIGGER import_runs_changed_told AFTER UPDATE ON import_runs FOR EACH ROW
    WHEN ((OLD.phase, OLD.attempt, OLD.cancelled_by, OLD.due_at, OLD.waits_until, OLD.trouble)
          IS DISTINCT FROM (NEW.phase, NEW.attempt, NEW.cancelled_by, NEW.due_at, NEW.waits_until, NEW.trouble))
    EXECUTE FUNCTION tell_of_run('changed');
CREATE TRIGGER import_runs_progressed_told AFTER UPDATE ON import_runs FOR EACH ROW
    WHEN ((OLD.progress, OLD.progress_total, OLD.records) IS DISTINCT FROM (NEW.progress, NEW.progress_total, NEW.records))
    EXECUTE FUNCTION tell_of_run('progressed');

-- What else is shown: the scheduler's switch and ticks, which processes there are (that one is still there is nothing to
-- tell), what the nightly removal did, and that all data is gone.
CREATE FUNCTION tell_of_more() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('changed', '');
    RETURN NULL;
END
$$;
CREATE TRIGGER schedule_told AFTER UPDATE ON schedule FOR EACH ROW
    WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION tell_of_more();
CREATE TRIGGER processes_told AFTER INSERT OR DELETE ON processes FOR EACH ROW EXECUTE FUNCTION tell_of_more();
CREATE TRIGGER retention_told AFTER UPDATE ON retention FOR EACH ROW
    WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION tell_of_more();
CREATE TRIGGER games_removed_told AFTER DELETE ON games FOR EACH STATEMENT EXECUTE FUNCTION tell_of_more();
