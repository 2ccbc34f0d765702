-- The removal of old logs: when it was last begun, and what it has removed since. One row, shared by all processes: the
-- process that moves ran_at forward does the night's work. Each batch adds what it removed in its own transaction, so the
-- numbers are true even of a night that broke off.
CREATE TABLE retention (
    only_row         boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    -- The nights before are over: an update to this schema removes nothing in broad daylight.
    created_at       timestamptz NOT NULL DEFAULT now(),
    ran_at           timestamptz,
    logs_removed     bigint NOT NULL DEFAULT 0,
    payloads_removed bigint NOT NULL DEFAULT 0
);
INSERT INTO retention DEFAULT VALUES;
