-- What is known of each day that the feed was asked for, whatever becomes of the logs: the scheduler works towards
-- complete days. Clearing the data leaves it alone: who clears all wants to begin anew, not to have a month fetched again.
CREATE TABLE feed_days (
    date      date PRIMARY KEY,
    asked_at  timestamptz NOT NULL DEFAULT now(),
    -- How it went the last time, and why not, if so.
    succeeded boolean NOT NULL,
    message   text
);
INSERT INTO feed_days (date, asked_at, succeeded, message)
SELECT DISTINCT ON (date) date, coalesce(log.completed_at, log.started_at), outcome = 'success',
       CASE outcome WHEN 'failed' THEN message END
FROM import_dates JOIN import_logs log ON log.id = import_id
WHERE outcome IN ('success', 'failed')
ORDER BY date, import_id DESC;

-- Draws that wait for their result: few, so that a bulk load pays next to nothing for it.
CREATE INDEX results_waiting ON results (result_date) WHERE status = 'waiting';
