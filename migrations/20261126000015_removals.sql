-- What is done to many logs at once: removing them, or running what failed again. Each batch adds what it did in its own
-- transaction, so the numbers are true whenever somebody looks, and of work that broke off as well.
CREATE TABLE bulk_work (
    id       integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind     text NOT NULL CHECK (kind IN ('remove', 'retry')),
    begun_at timestamptz NOT NULL DEFAULT now(),
    -- When it was last heard of: work that is silent for a minute goes on no more.
    seen_at  timestamptz NOT NULL DEFAULT now(),
    ended_at timestamptz,
    -- How many logs it was begun for; NULL: too many to count.
    total    bigint,
    done     bigint NOT NULL DEFAULT 0,
    -- Failures that could not be run again.
    refused  bigint NOT NULL DEFAULT 0
);

-- A search that many logs match gathers the newest of them day by day: so a log's day is one of the terms that it is found by.
CREATE FUNCTION import_log_day(at timestamptz) RETURNS integer
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN (at AT TIME ZONE 'UTC')::date - date '2000-01-01';

-- The terms of all days between two moments, both included.
CREATE FUNCTION import_log_days(first timestamptz, last timestamptz) RETURNS text[]
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN ARRAY(SELECT 'day ' || day FROM generate_series(import_log_day(first), import_log_day(last)) AS day);

-- The function of two arguments stays for programs of before.
CREATE FUNCTION import_log_terms(facet text, at timestamptz, said text) RETURNS text[]
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN trigrams(said) || facet || ('day ' || import_log_day(at));

DROP INDEX import_logs_text;
CREATE INDEX import_logs_text ON import_logs
    USING gin (import_log_terms(facet, started_at, import_log_text(filename, error_message, note))) WITH (fastupdate = off)
    WHERE filename IS NOT NULL OR error_message IS NOT NULL OR note IS NOT NULL;
