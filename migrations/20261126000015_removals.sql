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

-- Any word of a facet is a term that a search finds a log by, and so is the block of days in which the log has started: a day,
-- 8, 64 and 512 of them. So each search is for logs that have all of some terms, which an index tells in the time that the
-- rarest of them takes; and one that many logs match gathers the newest of them block by block.
CREATE FUNCTION import_log_day(at timestamptz) RETURNS integer
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN (at AT TIME ZONE 'UTC')::date - date '2000-01-01';

-- The function of two arguments stays for programs of before.
CREATE FUNCTION import_log_terms(facet text, at timestamptz, said text) RETURNS text[]
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN trigrams(said)
        || ARRAY(SELECT 'is ' || nth || ' ' || word FROM unnest(string_to_array(facet, '/')) WITH ORDINALITY AS words(word, nth))
        || ARRAY(SELECT 'in ' || days || ' ' || floor(import_log_day(at)::numeric / days) FROM unnest(ARRAY[1, 8, 64, 512]) AS days);

-- What a text is looked for by: trigrams that have all of its characters, and no more of them than that takes.
CREATE FUNCTION import_log_sought(said text) RETURNS text[]
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN array_append(ARRAY(SELECT substr(said, at, 3) FROM generate_series(1, length(said) - 2, 3) AS at), right(said, 3));

DROP INDEX import_logs_text;
CREATE INDEX import_logs_text ON import_logs
    USING gin (import_log_terms(facet, started_at, import_log_text(filename, error_message, note))) WITH (fastupdate = off)
    WHERE filename IS NOT NULL OR error_message IS NOT NULL OR note IS NOT NULL;

-- Open pages hear that work has begun, ended, or broken off; how far it is, they hear of what it does.
CREATE TRIGGER bulk_work_begun_told AFTER INSERT ON bulk_work FOR EACH ROW EXECUTE FUNCTION tell_of_more();
CREATE TRIGGER bulk_work_over_told AFTER UPDATE ON bulk_work FOR EACH ROW
    WHEN (NEW.ended_at IS NOT NULL OR NEW.seen_at = '-infinity') EXECUTE FUNCTION tell_of_more();
