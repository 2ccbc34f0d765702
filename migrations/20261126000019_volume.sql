-- Days that brought far fewer or more draws than their weekday usually has: a sentence that says so. A range names its days by
-- its own; what stands with the day itself stays when logs go.
ALTER TABLE import_dates ADD COLUMN unusual text;
ALTER TABLE feed_days ADD COLUMN unusual text;

-- How many draws the latest answer for a day held: what is usual is still known when the draws are gone. NULL: no answer yet, or
-- one that came before this was kept.
ALTER TABLE feed_days ADD COLUMN draws integer;

-- Which import asked for a day last.
CREATE INDEX import_dates_of_day ON import_dates (date, import_id);
