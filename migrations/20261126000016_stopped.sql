-- Since when the scheduler is stopped, and through which door it was: "it was stopped" alone leaves a colleague wondering.
ALTER TABLE schedule
    ADD COLUMN stopped_at timestamptz,
    ADD COLUMN stopped_by text;
