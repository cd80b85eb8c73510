-- Version 1 of a project's database. docs/project.md says what each table holds.
-- A table has no keys or indices: rows are written whole, by one writer, and read in order.

-- One row.
CREATE TABLE project (
    schema_version UINTEGER NOT NULL,
    assay_version VARCHAR NOT NULL, -- that made the project
    revision UBIGINT NOT NULL,      -- grows with every change
    created TIMESTAMP NOT NULL,
    root BLOB,                      -- the folder that paths are relative to; NULL: there are no images
    source BLOB,                    -- what --images named
    kind VARCHAR                    -- what that was recognised as
);

-- Names in the order of their codes, which count from 0.
CREATE TABLE classes (class USMALLINT NOT NULL, name VARCHAR NOT NULL);

-- Files that hold many images.
CREATE TABLE containers (
    container UINTEGER NOT NULL,
    path BLOB NOT NULL,
    kind VARCHAR NOT NULL, -- 'idx', 'npy', 'parquet'
    item_count UBIGINT NOT NULL
);

-- One row a sample, numbered from 0 without gaps.
CREATE TABLE images (
    sample UINTEGER NOT NULL,
    path VARCHAR NOT NULL, -- relative to the root; bytes that are not UTF-8 written as \xe9
    path_bytes BLOB,       -- the path itself where it is not UTF-8
    id VARCHAR,            -- NULL: the path is the id
    container UINTEGER,    -- NULL: a file of its own
    item UBIGINT           -- its place in the container
);

CREATE TABLE labels (sample UINTEGER NOT NULL, class USMALLINT NOT NULL);

-- What decoding an image gave: measures, or the reason why there are none.
CREATE TABLE measures (
    sample UINTEGER NOT NULL,
    width DOUBLE,
    height DOUBLE,
    area DOUBLE,
    aspect_ratio DOUBLE,
    brightness DOUBLE,
    contrast DOUBLE,
    sharpness DOUBLE,
    red_values DOUBLE,
    green_values DOUBLE,
    blue_values DOUBLE,
    image_entropy DOUBLE,
    dark DOUBLE,
    light DOUBLE,
    colour_share DOUBLE,
    file_bytes DOUBLE,
    random DOUBLE,
    pixel_hash UBIGINT,
    perceptual_hash UBIGINT,
    modified UBIGINT, -- when the file was last written, nanoseconds since 1970
    unreadable VARCHAR -- the reason
);

CREATE TABLE models (
    model UINTEGER NOT NULL,
    name VARCHAR NOT NULL,
    source VARCHAR NOT NULL,     -- the files it came from
    added TIMESTAMP NOT NULL,
    has_confidence BOOLEAN NOT NULL,
    probabilities VARCHAR,       -- a file in probabilities/, samples × classes
    top_classes VARCHAR          -- a file in probabilities/, samples × length
);
CREATE TABLE predictions (
    model UINTEGER NOT NULL,
    sample UINTEGER NOT NULL,
    class USMALLINT, -- NULL: none
    confidence DOUBLE
);

-- Numbers that the user brought; measures are not among them.
CREATE TABLE metrics (metric UINTEGER NOT NULL, name VARCHAR NOT NULL, model UINTEGER);
CREATE TABLE metric_values (metric UINTEGER NOT NULL, sample UINTEGER NOT NULL, value DOUBLE NOT NULL);

-- Texts that the user brought; the split is one of them.
CREATE TABLE attributes (attribute UINTEGER NOT NULL, name VARCHAR NOT NULL, model UINTEGER);
CREATE TABLE attribute_values (
    attribute UINTEGER NOT NULL,
    sample UINTEGER NOT NULL,
    value VARCHAR NOT NULL
);

CREATE TABLE tags (tag UINTEGER NOT NULL, name VARCHAR NOT NULL);
CREATE TABLE tag_samples (tag UINTEGER NOT NULL, sample UINTEGER NOT NULL);
