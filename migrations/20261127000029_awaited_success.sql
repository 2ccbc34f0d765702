-- Since when the scheduler owes a success: its latest one, or when it was switched on. No row while it is off, or where no feed was
-- ever known: a process with one is there, or an import of the scheduler has succeeded.
CREATE VIEW awaited_success AS
    SELECT greatest(on_since, last_success) AS since
    FROM schedule_watch, schedule
    WHERE enabled AND (last_success IS NOT NULL OR EXISTS (SELECT FROM processes WHERE feed IS NOT NULL));
