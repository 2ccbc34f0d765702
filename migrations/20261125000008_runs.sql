-- Which processes there are: each says every few seconds that it is alive, and what it can do. What a process needs to
-- know of the others stands here and nowhere else.
CREATE TABLE processes (
    id           uuid PRIMARY KEY,
    -- For people: the command, the machine and the process number there.
    name         text NOT NULL,
    started_at   timestamptz NOT NULL DEFAULT now(),
    seen_at      timestamptz NOT NULL DEFAULT now(),
    runs_imports boolean NOT NULL,
    has_timer    boolean NOT NULL,
    -- The store and the feed that it has, by the names that runs give them.
    store        text,
    feed         text
);
CREATE INDEX processes_seen ON processes (seen_at);

-- What changes each second while an import runs, and the queue: an import waits, runs or is over as its row here says.
-- The log is history; this row goes when it ends. Fields are left free for updates in place (PostgreSQL manual, "HOT").
CREATE TABLE import_runs (
    import_id        integer PRIMARY KEY REFERENCES import_logs ON DELETE CASCADE,
    phase            text NOT NULL,
    -- Which of a process's slots it takes: 'short', 'file' or 'feed'.
    lane             text NOT NULL,
    -- The store and the feed without which it can't run; NULL: it needs none.
    store            text,
    feed             text,
    -- In line since; and not before, after an attempt that failed.
    queued_at        timestamptz NOT NULL DEFAULT now(),
    due_at           timestamptz NOT NULL DEFAULT now(),
    -- Who may write: the attempt whose number this is, until the lease ends. A late writer's number no longer matches.
    attempt          integer NOT NULL DEFAULT 0,
    -- Attempts that a stopping process gave back unfinished; they don't count against the limit.
    handed_back      integer NOT NULL DEFAULT 0,
    lease_until      timestamptz NOT NULL DEFAULT now() + interval '60 seconds',
    cancelled_by     text,
    -- What its sender calls an upload, to be able to stop it before it knows its number.
    upload_name      text,
    -- Bytes of a file, days of a range.
    progress         bigint NOT NULL DEFAULT 0,
    progress_total   bigint,
    -- Records of a file so far; a range counts its days' into the log as it commits them.
    records          integer,
    bytes_per_second bigint,
    seconds_left     integer,
    -- Until when it waits, and the trouble that it waits for to pass.
    waits_until      timestamptz,
    trouble          text
) WITH (fillfactor = 50);

-- A worker that waits hears of what it may take.
CREATE FUNCTION notify_import_queued() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('import_queued', NEW.import_id::text);
    RETURN NULL;
END
$$;
CREATE TRIGGER import_queued AFTER INSERT ON import_runs
    FOR EACH ROW WHEN (NEW.phase = 'queued') EXECUTE FUNCTION notify_import_queued();
CREATE TRIGGER import_requeued AFTER UPDATE OF phase ON import_runs
    FOR EACH ROW WHEN (NEW.phase = 'queued') EXECUTE FUNCTION notify_import_queued();
-- A claim looks for the first in line; a worker that renews its lease changes nothing of this index.
CREATE INDEX import_runs_queue ON import_runs (lane, queued_at, import_id) WHERE phase = 'queued';

ALTER TABLE import_logs
    -- By the database's clock: a running log without a run, which something else inserted, counts as abandoned by it.
    ADD COLUMN created_at timestamptz NOT NULL DEFAULT now(),
    -- The store that the payload is in.
    ADD COLUMN payload_store text;

-- What runs while this is applied goes on, from its beginning.
INSERT INTO import_runs (import_id, phase, lane, attempt, handed_back, cancelled_by, progress_total)
SELECT id, CASE phase WHEN 'uploading' THEN 'uploading' ELSE 'queued' END,
       CASE import_type WHEN 'date_range' THEN 'feed' WHEN 'backup' THEN 'file' ELSE 'short' END,
       attempt, handed_back, cancelled_by, progress_total
FROM import_logs
WHERE status = 'running' AND job_id IS NOT NULL;

DROP FUNCTION cancelled_message(import_logs);
DROP INDEX import_logs_running;
ALTER TABLE import_logs
    DROP COLUMN phase,
    DROP COLUMN lease_until,
    DROP COLUMN job_id,
    DROP COLUMN bytes_per_second,
    DROP COLUMN seconds_left,
    DROP COLUMN waits_until;
CREATE INDEX import_logs_running ON import_logs (id) WHERE status = 'running';

-- The queue's former tables, which were another program's.
DROP SCHEMA IF EXISTS apalis CASCADE;
