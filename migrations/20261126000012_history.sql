-- The history is searched by a few words with few values each. All of them together are one word of a log, and there are
-- some dozens of such words: whatever is asked for, it is some of them, and of each the newest logs stand together in one
-- index. So a page of any filter, first or deep, found or not, reads some dozens of index entries and no more.
ALTER TABLE import_logs ADD COLUMN facet text NOT NULL GENERATED ALWAYS AS (
    import_type || '/' || status || '/' || coalesce(failure_kind, '') || '/' || coalesce(requested_by, '')
    -- An open failure, as the column open_failure has it.
    || CASE WHEN status = 'failed' AND failure_kind IS DISTINCT FROM 'cancelled'
                 AND resolved_by IS NULL AND dismissed_by IS NULL AND superseded_by IS NULL
            THEN '/open' ELSE '/' END
    -- A run of the scheduler that brought nothing, and had nothing to say.
    || CASE WHEN requested_by = 'scheduler' AND status = 'success' AND games_created = 0 AND games_updated = 0
                 AND results_created = 0 AND results_updated = 0 AND records_rejected = 0
            THEN '/quiet' ELSE '/' END) STORED;
CREATE INDEX import_logs_history ON import_logs (facet, started_at DESC, id DESC);

-- What is searched for a part of the filename or the message: in small letters, in any script.
CREATE FUNCTION import_log_text(filename varchar, error_message text, note text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN lower(coalesce(filename, '') || E'\n' || coalesce(error_message, '') || E'\n' || coalesce(note, ''));

-- All runs of three characters. PostgreSQL's own pg_trgm leaves out the marks of Thai, and with some locales all of it.
CREATE FUNCTION trigrams(said text) RETURNS text[]
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN (SELECT coalesce(array_agg(DISTINCT substr(said, at, 3)), '{}') FROM generate_series(1, length(said) - 2) AS at);

-- What a search finds a log by: its runs of characters, and its facet, so that a text that many logs have and a facet that
-- others have are found to have nothing in common without looking at either.
CREATE FUNCTION import_log_terms(facet text, said text) RETURNS text[]
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN array_append(trigrams(said), facet);

-- Without a list of pending entries, which each search would have to read through.
CREATE INDEX import_logs_text ON import_logs
    USING gin (import_log_terms(facet, import_log_text(filename, error_message, note))) WITH (fastupdate = off)
    WHERE filename IS NOT NULL OR error_message IS NOT NULL OR note IS NOT NULL;
