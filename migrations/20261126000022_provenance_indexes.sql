-- Finds the results that an import created. They lie together, so a range of their numbers for each megabyte tells where
-- they are not; a bulk load hardly notices. Writers wait while it is made, readers don't.
CREATE INDEX results_created_by ON results USING brin (created_by) WITH (autosummarize = on);

-- Which failures an import has settled: its undo opens them again.
CREATE INDEX import_logs_resolved ON import_logs (resolved_by) WHERE resolved_by IS NOT NULL;
CREATE INDEX import_dates_resolved ON import_dates (resolved_by) WHERE resolved_by IS NOT NULL;
