-- Which failures are open is a fact of each log's own row, so that its number is counted and its rows are found alike.
ALTER TABLE import_logs
    -- Who settled a failure that nobody will retry, and when.
    ADD COLUMN dismissed_by varchar(20),
    ADD COLUMN dismissed_at timestamptz,
    -- The retry of this failure that failed as well: it is the open one now.
    ADD COLUMN superseded_by integer;
UPDATE import_logs log SET superseded_by = retry.id
FROM import_logs retry
WHERE retry.retry_of = log.id AND retry.status = 'failed' AND retry.failure_kind IS DISTINCT FROM 'cancelled'
  AND log.status = 'failed' AND log.resolved_by IS NULL;
ALTER TABLE import_logs
    -- It failed, not because somebody stopped it, and nothing has settled it since.
    ADD COLUMN open_failure boolean NOT NULL GENERATED ALWAYS AS (
        status = 'failed' AND failure_kind IS DISTINCT FROM 'cancelled'
        AND resolved_by IS NULL AND dismissed_by IS NULL AND superseded_by IS NULL) STORED;
CREATE INDEX import_logs_open_failures ON import_logs (id) WHERE open_failure;

-- What a success resolves: the failures of the same bytes, of the sample, and of the same days.
CREATE INDEX import_logs_failed_sha256 ON import_logs (payload_sha256)
    WHERE status = 'failed' AND resolved_by IS NULL AND payload_sha256 IS NOT NULL;
CREATE INDEX import_logs_failed_samples ON import_logs (id)
    WHERE status = 'failed' AND resolved_by IS NULL AND import_type = 'sample_data';
-- The import that has brought, since its own failed, a day that it lacks.
ALTER TABLE import_dates ADD COLUMN resolved_by integer;
CREATE INDEX import_dates_lacking ON import_dates (date) WHERE outcome <> 'success' AND resolved_by IS NULL;

-- A retry that fails takes the place of what it repeats, and of its other retries: it is one thing that is still open.
-- A trigger, because imports fail in several places. Locks are taken in the order of ids, as wherever several are.
CREATE FUNCTION supersede_failures() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    WITH RECURSIVE above(id, retry_of) AS (
        SELECT id, retry_of FROM import_logs WHERE id = NEW.retry_of
        UNION
        SELECT log.id, log.retry_of FROM import_logs log JOIN above ON log.id = above.retry_of),
    family(id) AS (
        SELECT id FROM above
        UNION
        SELECT log.id FROM import_logs log JOIN family ON log.retry_of = family.id),
    held AS MATERIALIZED (
        SELECT id FROM import_logs
        WHERE id IN (SELECT id FROM family) AND id <> NEW.id
          AND status = 'failed' AND resolved_by IS NULL AND superseded_by IS NULL
        ORDER BY id FOR UPDATE)
    UPDATE import_logs SET superseded_by = NEW.id WHERE id IN (SELECT id FROM held);
    RETURN NULL;
END
$$;
CREATE TRIGGER import_retry_failed AFTER UPDATE OF status ON import_logs
    FOR EACH ROW WHEN (OLD.status = 'running' AND NEW.status = 'failed' AND NEW.retry_of IS NOT NULL
                       AND NEW.failure_kind IS DISTINCT FROM 'cancelled')
    EXECUTE FUNCTION supersede_failures();

-- How many logs there are: the sum of these rows. There are several, so that imports which start at the same time
-- don't wait for each other.
CREATE TABLE import_log_counts (
    shard smallint PRIMARY KEY,
    logs  bigint NOT NULL
) WITH (fillfactor = 50);
INSERT INTO import_log_counts
SELECT shard, CASE shard WHEN 0 THEN (SELECT count(*) FROM import_logs) ELSE 0 END
FROM generate_series(0, 15) AS shard;

CREATE FUNCTION count_import_logs() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    number bigint;
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        UPDATE import_log_counts SET logs = 0;
        RETURN NULL;
    END IF;
    SELECT count(*) INTO number FROM changed;
    IF number > 0 THEN
        UPDATE import_log_counts SET logs = logs + CASE TG_OP WHEN 'INSERT' THEN number ELSE -number END
        WHERE shard = pg_backend_pid() % 16;
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER import_logs_added AFTER INSERT ON import_logs
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION count_import_logs();
CREATE TRIGGER import_logs_removed AFTER DELETE ON import_logs
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION count_import_logs();
CREATE TRIGGER import_logs_emptied AFTER TRUNCATE ON import_logs
    FOR EACH STATEMENT EXECUTE FUNCTION count_import_logs();
