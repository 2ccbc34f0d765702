-- How fast a running import goes, and how long it will still take, as the process that works on it sees it in the
-- phase that it is in. NULL while nobody can know.
ALTER TABLE import_logs
    ADD COLUMN bytes_per_second bigint,
    ADD COLUMN seconds_left integer;

-- "Was this very file imported before?" The newest such import is the one to name.
DROP INDEX import_logs_sha256;
CREATE INDEX import_logs_sha256 ON import_logs (payload_sha256, id)
    WHERE status = 'success' AND payload_sha256 IS NOT NULL;

-- What the log of a cancelled import says: who stopped it, and what of it stays. Volatile, so that it sees what was
-- committed while its caller waited for the log's row.
CREATE FUNCTION cancelled_message(log import_logs) RETURNS text LANGUAGE sql VOLATILE AS $$
    SELECT CASE
        WHEN log.phase = 'uploading' THEN
            format('The upload was cancelled from the %s. Upload the file again whenever you like.', log.cancelled_by)
        WHEN imported IS NULL THEN
            format('Cancelled from the %s. Nothing of it was imported; retry it whenever you like.', log.cancelled_by)
        ELSE
            format('Cancelled from the %s after %s of %s days%s. What was imported stays: %s. Retry asks for the rest.',
                   log.cancelled_by, tried, planned, CASE WHEN failed > 0 THEN format(', of which %s failed', failed) END,
                   imported)
    END
    FROM (SELECT string_agg(date::text, ', ' ORDER BY date) FILTER (WHERE outcome = 'success') AS imported,
                 count(*) FILTER (WHERE outcome <> 'pending') AS tried,
                 count(*) FILTER (WHERE outcome = 'failed') AS failed,
                 count(*) AS planned
          FROM import_dates WHERE import_id = log.id) AS dates
$$;

-- The sessions that write an import's data, by the advisory lock that each of them holds (src/server/db/sessions.rs
-- takes it, with the same first key).
CREATE VIEW import_writers AS
    SELECT pid, objid::bigint::integer AS import_id
    FROM pg_locks
    WHERE locktype = 'advisory' AND classid = 20055 AND objsubid = 2 AND granted
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database());
