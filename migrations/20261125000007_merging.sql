-- What an import did to games and results that were known before, and where it and the database disagreed.
ALTER TABLE import_logs
    -- Known games that a feed gave another name or country.
    ADD COLUMN games_updated integer NOT NULL DEFAULT 0,
    -- Among the results updated: those whose stored digits a feed replaced with others.
    ADD COLUMN results_corrected integer NOT NULL DEFAULT 0,
    -- Results whose stored values differ from a backup's, and stay.
    ADD COLUMN results_differing integer NOT NULL DEFAULT 0,
    -- Both values of the first of the two kinds above (src/model/difference.rs).
    ADD COLUMN differences jsonb NOT NULL DEFAULT '[]',
    -- What there is to say of an import besides its numbers, such as that the feed has no draws for a day.
    ADD COLUMN note text,
    -- Until when a running import waits because its feed asked it to.
    ADD COLUMN waits_until timestamptz;

ALTER TABLE import_dates
    ADD COLUMN results_corrected integer NOT NULL DEFAULT 0,
    ADD COLUMN failure_kind varchar(20)
        CHECK (failure_kind IN ('cancelled', 'interrupted', 'invalid_input', 'source_unavailable', 'internal'));

-- The day of a range that a rejected record came with.
ALTER TABLE import_rejects ADD COLUMN date date;

-- As before, with the days counted in words.
CREATE OR REPLACE FUNCTION cancelled_message(log import_logs) RETURNS text LANGUAGE sql VOLATILE AS $$
    SELECT CASE
        WHEN log.phase = 'uploading' THEN
            format('The upload was cancelled from the %s. Upload the file again whenever you like.', log.cancelled_by)
        WHEN imported IS NULL THEN
            format('Cancelled from the %s. Nothing of it was imported; retry it whenever you like.', log.cancelled_by)
        ELSE
            format('Cancelled from the %s after %s of %s%s. What was imported stays: %s. Retry asks for the rest.',
                   log.cancelled_by, tried, CASE planned WHEN 1 THEN '1 day' ELSE format('%s days', planned) END,
                   CASE WHEN failed > 0 THEN format(', of which %s failed', failed) END, imported)
    END
    FROM (SELECT string_agg(date::text, ', ' ORDER BY date) FILTER (WHERE outcome = 'success') AS imported,
                 count(*) FILTER (WHERE outcome <> 'pending') AS tried,
                 count(*) FILTER (WHERE outcome = 'failed') AS failed,
                 count(*) AS planned
          FROM import_dates WHERE import_id = log.id) AS dates
$$;
