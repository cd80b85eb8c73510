-- Version 3: what a person decided of labels that are doubted.

-- One row a sample that was decided.
CREATE TABLE label_decisions (
    sample UINTEGER NOT NULL,
    decision VARCHAR NOT NULL, -- 'accept': the label is wrong; 'dismiss': it is right
    suggested VARCHAR,         -- the class that is right instead, where it was accepted
    decided TIMESTAMP NOT NULL
);
