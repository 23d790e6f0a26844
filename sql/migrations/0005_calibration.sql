-- Where the line between answering and not lies: one for each embedding space, for the help centre
-- as it was when `calibrated_at`. `since` is when the space's first one was made: scores of answers
-- before that are not comparable.
CREATE TABLE calibration (
    space_id       int PRIMARY KEY REFERENCES embedding_space ON DELETE CASCADE,
    threshold      double precision NOT NULL,
    sure           double precision NOT NULL,
    articles       int NOT NULL,
    calibrated_at  timestamptz NOT NULL DEFAULT now(),
    since          timestamptz NOT NULL DEFAULT now()
);
