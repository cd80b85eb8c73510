-- Version 2: descriptions of images, their neighbours, and what is computed from them.

-- Vectors that describe the samples; one of them is the default.
CREATE TABLE embeddings (
    embedding UINTEGER NOT NULL,
    name VARCHAR NOT NULL,
    source VARCHAR NOT NULL,     -- 'built-in', or the file it came from
    dimensions UINTEGER NOT NULL,
    is_default BOOLEAN NOT NULL,
    made_from UBIGINT NOT NULL,  -- a hash of what it was made from: other images, another hash
    vectors VARCHAR NOT NULL,    -- a file in embeddings/, samples × dimensions
    vectors_hash UBIGINT NOT NULL,
    neighbours VARCHAR,          -- a file in embeddings/, samples × k
    neighbours_hash UBIGINT,
    distances VARCHAR,           -- a file in embeddings/, samples × k
    distances_hash UBIGINT,
    added TIMESTAMP NOT NULL
);

-- The hash of the sample's picture in thumbnails.npy; NULL: there is none.
ALTER TABLE measures ADD COLUMN thumbnail_hash UBIGINT;

-- Who made a metric or attribute: NULL is the user, 'embedding' is assay.
ALTER TABLE metrics ADD COLUMN origin VARCHAR;
ALTER TABLE attributes ADD COLUMN origin VARCHAR;
