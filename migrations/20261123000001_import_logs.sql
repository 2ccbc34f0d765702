-- The seed's import_logs, column for column, with timestamptz. What was added is nullable or has a default,
-- so that the seed's own queries and inserts still work.
CREATE TABLE import_logs (
    id                serial PRIMARY KEY,
    filename          varchar(255),
    import_type       varchar(50) NOT NULL CHECK (import_type IN ('backup', 'date_range', 'sample_data')),
    started_at        timestamptz NOT NULL DEFAULT now(),
    completed_at      timestamptz,
    status            varchar(20) NOT NULL DEFAULT 'running' CHECK (status IN ('running', 'success', 'failed')),
    records_processed integer NOT NULL DEFAULT 0,
    games_created     integer NOT NULL DEFAULT 0,
    results_created   integer NOT NULL DEFAULT 0,
    error_message     text,
    file_size         bigint,

    -- What a running import is doing, and how far it is: bytes of a file, days of a range.
    phase             varchar(20) NOT NULL DEFAULT 'queued'
        CHECK (phase IN ('uploading', 'queued', 'fetching', 'reading', 'loading', 'finishing', 'ended')),
    progress          bigint NOT NULL DEFAULT 0,
    progress_total    bigint,

    results_updated   integer NOT NULL DEFAULT 0,
    results_unchanged integer NOT NULL DEFAULT 0,
    duplicates        integer NOT NULL DEFAULT 0,
    records_rejected  integer NOT NULL DEFAULT 0,
    failure_kind      varchar(20)
        CHECK (failure_kind IN ('cancelled', 'interrupted', 'invalid_input', 'source_unavailable', 'internal')),

    -- Who may write: the attempt whose number this is, until the lease ends. A late writer's number no longer
    -- matches. The default gives a row that something else inserted a minute before it counts as abandoned.
    attempt           integer NOT NULL DEFAULT 0,
    -- Attempts that a stopping process gave back unfinished; they don't count against the limit.
    handed_back       integer NOT NULL DEFAULT 0,
    lease_until       timestamptz NOT NULL DEFAULT now() + interval '60 seconds',
    job_id            text,

    -- Where the uploaded bytes are kept, while they may still be needed.
    payload           text,
    payload_sha256    char(64),

    range_start       date,
    range_end         date,
    successful_dates  integer,
    failed_dates      integer,

    -- No foreign keys: a cleared log leaves the number behind, which is what a person wants to read.
    retry_of          integer,
    resolved_by       integer,
    requested_by      varchar(20),
    cancelled_by      varchar(20)
);

-- "The latest 20".
CREATE INDEX import_logs_latest ON import_logs (started_at DESC, id DESC);
-- Recovery looks for running rows every few seconds; the page counts unresolved failures at each refresh.
CREATE INDEX import_logs_running ON import_logs (lease_until) WHERE status = 'running';
CREATE INDEX import_logs_unresolved ON import_logs (id) WHERE status = 'failed' AND resolved_by IS NULL;
-- The last run that the scheduler started, and whether it is still under way.
CREATE INDEX import_logs_scheduled ON import_logs (id) WHERE requested_by = 'scheduler';
-- Payloads that are still referred to; few rows have one.
CREATE INDEX import_logs_payload ON import_logs (payload) WHERE payload IS NOT NULL;
-- "Was this very file imported before?"
CREATE INDEX import_logs_sha256 ON import_logs (payload_sha256) WHERE status = 'success' AND payload_sha256 IS NOT NULL;

-- The dates of a range, each with its own outcome.
CREATE TABLE import_dates (
    import_id         integer NOT NULL REFERENCES import_logs ON DELETE CASCADE,
    date              date NOT NULL,
    outcome           varchar(20) NOT NULL DEFAULT 'pending' CHECK (outcome IN ('pending', 'success', 'failed')),
    records_processed integer NOT NULL DEFAULT 0,
    games_created     integer NOT NULL DEFAULT 0,
    results_created   integer NOT NULL DEFAULT 0,
    results_updated   integer NOT NULL DEFAULT 0,
    message           text,
    PRIMARY KEY (import_id, date)
);

-- Records that could not be used, capped per import; import_logs.records_rejected counts all of them.
CREATE TABLE import_rejects (
    id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    import_id integer NOT NULL REFERENCES import_logs ON DELETE CASCADE,
    section   text NOT NULL,
    position  bigint NOT NULL,
    reason    text NOT NULL,
    record    text NOT NULL
);
CREATE INDEX import_rejects_of ON import_rejects (import_id, id);

-- Whoever waits for an import hears of its end, whichever process and statement ended it.
CREATE FUNCTION notify_import_ended() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('import_ended', NEW.id::text);
    RETURN NULL;
END
$$;
CREATE TRIGGER import_ended AFTER UPDATE OF status ON import_logs
    FOR EACH ROW WHEN (OLD.status = 'running' AND NEW.status <> 'running')
    EXECUTE FUNCTION notify_import_ended();
