-- What /monitoring shows of the logs that have ended, summed up beforehand: a look at each of a million logs takes too long.
--
-- A quarter of an hour is the grain, since the days of every zone begin with one. Hours are for most zones, and days (UTC's)
-- for what lies wholly within a stretch: fewer to add up. Logs count where they started, as a filter of the history finds
-- them. Logs that run are few, and are looked at themselves.
--
-- Imports that end at the same time must not wait for each other. So a trigger only adds what has changed, plus or minus, to
-- import_log_deltas, and these are folded into the sums every few seconds. Whoever reads adds up both.
CREATE TABLE import_log_deltas (
    quarter timestamptz NOT NULL,
    words   text NOT NULL,
    -- How long the imports took. NULL: nobody knows.
    millis  bigint,
    logs    bigint NOT NULL,
    records bigint NOT NULL
);

-- One row for each stretch of time; in it, one beside the other, the words of logs, how many have them, and their records.
CREATE TABLE import_log_sums (
    grain     text NOT NULL CHECK (grain IN ('quarter', 'hour', 'day')),
    begins_at timestamptz NOT NULL,
    words     text[] NOT NULL,
    logs      bigint[] NOT NULL,
    records   bigint[] NOT NULL,
    PRIMARY KEY (grain, begins_at)
);

-- The same for how long imports took.
CREATE TABLE import_log_durations (
    grain       text NOT NULL CHECK (grain IN ('quarter', 'day')),
    begins_at   timestamptz NOT NULL,
    import_type text NOT NULL,
    millis      bigint[] NOT NULL,
    logs        bigint[] NOT NULL,
    PRIMARY KEY (grain, begins_at, import_type)
);
-- Rows of nothing, which logs that were removed have left, go soon.
CREATE INDEX import_log_sums_empty ON import_log_sums (grain) WHERE words = '{}';
CREATE INDEX import_log_durations_empty ON import_log_durations (grain) WHERE millis = '{}';

-- Type, status, reason, and what has become of a failure. Those that are alike are summed up together.
CREATE FUNCTION import_log_words(log import_logs) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN log.import_type || '/' || log.status || '/' || coalesce(log.failure_kind, '')
        || CASE WHEN log.open_failure THEN '/open'
                WHEN log.status = 'failed' AND log.resolved_by IS NOT NULL THEN '/resolved'
                ELSE '/' END;

-- How long an import took, in milliseconds to two digits, which is how it is told. Rounding keeps the order: the median of
-- what is rounded is the median, rounded.
CREATE FUNCTION import_millis(started_at timestamptz, completed_at timestamptz) RETURNS bigint
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    millis bigint := greatest(round(date_part('epoch', completed_at - started_at) * 1000), 0);
    step   bigint := 1;
BEGIN
    WHILE millis >= 100 * step LOOP
        step := 10 * step;
    END LOOP;
    RETURN (millis + step / 2) / step * step;
END
$$;

CREATE FUNCTION import_log_quarter(at timestamptz) RETURNS timestamptz
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN date_bin(interval '15 minutes', at, timestamptz '2000-01-01 00:00+00');

CREATE FUNCTION sum_import_logs() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        -- What is being folded is over before.
        PERFORM pg_advisory_xact_lock(20056, 1);
        DELETE FROM import_log_deltas;
        DELETE FROM import_log_sums;
        DELETE FROM import_log_durations;
    ELSIF TG_OP = 'INSERT' THEN
        -- Logs mostly begin running, and are changed several times while they do: nothing to count yet.
        IF NOT EXISTS (SELECT FROM come WHERE status <> 'running') THEN
            RETURN NULL;
        END IF;
        INSERT INTO import_log_deltas
        SELECT import_log_quarter(started_at), import_log_words(come), import_millis(started_at, completed_at),
               count(*), sum(records_processed)
        FROM come WHERE status <> 'running' GROUP BY 1, 2, 3;
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO import_log_deltas
        SELECT import_log_quarter(started_at), import_log_words(gone), import_millis(started_at, completed_at),
               -count(*), -sum(records_processed)
        FROM gone WHERE status <> 'running' GROUP BY 1, 2, 3;
    ELSE
        IF NOT EXISTS (SELECT FROM come WHERE status <> 'running' UNION ALL SELECT FROM gone WHERE status <> 'running') THEN
            RETURN NULL;
        END IF;
        INSERT INTO import_log_deltas
        SELECT quarter, words, millis, sum(logs), sum(records)
        FROM (SELECT import_log_quarter(started_at) AS quarter, import_log_words(gone) AS words,
                     import_millis(started_at, completed_at) AS millis, -1 AS logs, -records_processed AS records
              FROM gone WHERE status <> 'running'
              UNION ALL
              SELECT import_log_quarter(started_at), import_log_words(come), import_millis(started_at, completed_at),
                     1, records_processed
              FROM come WHERE status <> 'running') AS changed
        GROUP BY quarter, words, millis
        HAVING sum(logs) <> 0 OR sum(records) <> 0;
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER import_logs_added_summed AFTER INSERT ON import_logs
    REFERENCING NEW TABLE AS come FOR EACH STATEMENT EXECUTE FUNCTION sum_import_logs();
CREATE TRIGGER import_logs_changed_summed AFTER UPDATE ON import_logs
    REFERENCING OLD TABLE AS gone NEW TABLE AS come FOR EACH STATEMENT EXECUTE FUNCTION sum_import_logs();
CREATE TRIGGER import_logs_removed_summed AFTER DELETE ON import_logs
    REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION sum_import_logs();
CREATE TRIGGER import_logs_emptied_summed AFTER TRUNCATE ON import_logs
    FOR EACH STATEMENT EXECUTE FUNCTION sum_import_logs();

-- Folds up to so many deltas into the sums. Answers how many it were; none while another session is at it.
CREATE FUNCTION fold_import_log_deltas(most bigint) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    folded bigint;
BEGIN
    IF NOT pg_try_advisory_xact_lock(20056, 1) THEN
        RETURN 0;
    END IF;
    WITH taken AS (
        DELETE FROM import_log_deltas WHERE ctid = ANY (ARRAY(SELECT ctid FROM import_log_deltas LIMIT most))
        RETURNING *),
    grained AS (
        SELECT grain, date_bin(width, quarter, timestamptz '2000-01-01 00:00+00') AS begins_at, words, millis, logs, records
        FROM taken, (VALUES ('quarter', interval '15 minutes'), ('hour', interval '1 hour'), ('day', interval '1 day'))
             AS grains(grain, width)),
    summed AS (
        INSERT INTO import_log_sums
        SELECT grain, begins_at, coalesce(array_agg(words ORDER BY words) FILTER (WHERE logs <> 0 OR records <> 0), '{}'),
               coalesce(array_agg(logs ORDER BY words) FILTER (WHERE logs <> 0 OR records <> 0), '{}'),
               coalesce(array_agg(records ORDER BY words) FILTER (WHERE logs <> 0 OR records <> 0), '{}')
        FROM (
            SELECT grain, begins_at, words, sum(logs)::bigint AS logs, sum(records)::bigint AS records
            FROM (
                SELECT grain, begins_at, words, logs, records FROM grained
                UNION ALL
                SELECT grain, begins_at, each.words, each.logs, each.records
                FROM import_log_sums AS known, unnest(known.words, known.logs, known.records) AS each(words, logs, records)
                WHERE (grain, begins_at) IN (SELECT grain, begins_at FROM grained)) AS all_of_them
            GROUP BY 1, 2, 3) AS each
        GROUP BY 1, 2
        ON CONFLICT (grain, begins_at) DO UPDATE
        SET words = excluded.words, logs = excluded.logs, records = excluded.records),
    timed AS (
        INSERT INTO import_log_durations
        SELECT grain, begins_at, import_type, coalesce(array_agg(millis ORDER BY millis) FILTER (WHERE logs <> 0), '{}'),
               coalesce(array_agg(logs ORDER BY millis) FILTER (WHERE logs <> 0), '{}')
        FROM (
            SELECT grain, begins_at, import_type, millis, sum(logs)::bigint AS logs
            FROM (
                SELECT grain, begins_at, split_part(words, '/', 1) AS import_type, millis, logs
                FROM grained WHERE millis IS NOT NULL AND grain <> 'hour'
                UNION ALL
                SELECT grain, begins_at, import_type, each.millis, each.logs
                FROM import_log_durations AS known, unnest(known.millis, known.logs) AS each(millis, logs)
                WHERE (grain, begins_at) IN (SELECT grain, begins_at FROM grained)) AS all_of_them
            GROUP BY 1, 2, 3, 4) AS each
        GROUP BY 1, 2, 3
        ON CONFLICT (grain, begins_at, import_type) DO UPDATE SET millis = excluded.millis, logs = excluded.logs)
    SELECT count(*) INTO folded FROM taken;
    IF folded > 0 THEN
        DELETE FROM import_log_sums WHERE words = '{}';
        DELETE FROM import_log_durations WHERE millis = '{}';
    END IF;
    RETURN folded;
END
$$;

-- Those that are there. Whoever wants to write a log waits for the end of this migration; readers don't.
INSERT INTO import_log_deltas
SELECT import_log_quarter(started_at), import_log_words(log), import_millis(started_at, completed_at),
       count(*), sum(records_processed)
FROM import_logs log WHERE status <> 'running' GROUP BY 1, 2, 3;
SELECT fold_import_log_deltas(9223372036854775807);
