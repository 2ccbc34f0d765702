-- How fast a running import goes, and how long it will still take, as the process that works on it sees it in the
-- phase that it is in. NULL while nobody can know.
ALTER TABLE import_logs
    ADD COLUMN bytes_per_second bigint,
    ADD COLUMN seconds_left integer;
