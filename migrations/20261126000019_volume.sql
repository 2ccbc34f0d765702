-- Days that brought far fewer or more draws than their weekday usually has: a sentence that says so. A range names its days by
-- its own; what stands with the day itself stays when logs go.
ALTER TABLE import_dates ADD COLUMN unusual text;
ALTER TABLE feed_days ADD COLUMN unusual text;

-- Which import asked for a day last.
CREATE INDEX import_dates_of_day ON import_dates (date, import_id);
