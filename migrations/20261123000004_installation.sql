-- Which NumWatch this is: uploads are kept in a folder of this name, so that two databases may share a store
-- and neither tidies away the other's.
CREATE TABLE installation (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    id       uuid NOT NULL DEFAULT gen_random_uuid()
);
INSERT INTO installation DEFAULT VALUES;
