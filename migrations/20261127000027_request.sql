-- Which request began an import: the server's log and the answer name it so. NULL: none did, or it was before this.
ALTER TABLE import_logs ADD COLUMN request_id text;
