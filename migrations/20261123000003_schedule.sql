-- The scheduler's switch and its last tick: one row, shared by all processes. The process that moves last_tick
-- forward is the one that starts the tick's import, so a tick runs once however many processes there are.
CREATE TABLE schedule (
    only_row  boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    enabled   boolean NOT NULL DEFAULT true,
    last_tick timestamptz
);
INSERT INTO schedule DEFAULT VALUES;
