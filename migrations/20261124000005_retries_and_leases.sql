-- Which imports retried this one: asked at each retry, and when one succeeds. Few rows are retries.
CREATE INDEX import_logs_retries ON import_logs (retry_of) WHERE retry_of IS NOT NULL;

-- Recovery looks every five seconds: a row that something else inserted ends well within the promised minute.
ALTER TABLE import_logs ALTER COLUMN lease_until SET DEFAULT now() + interval '50 seconds';
