-- The help centre: sources, articles with all their versions, and what is served of them now.

CREATE EXTENSION IF NOT EXISTS vector;

CREATE TABLE source (
    id            int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name          text NOT NULL UNIQUE,
    url_template  text,
    created_at    timestamptz NOT NULL DEFAULT now()
);

-- An article keeps its id through moves, new titles and new addresses.
CREATE TABLE article (
    id                  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    source_id           int NOT NULL REFERENCES source,
    external_id         text NOT NULL,
    path                text NOT NULL,
    current_version_id  bigint,             -- null once removed
    content_hash        text,               -- of the current version
    recipe              int,                -- how its passages were cut; a new recipe cuts again
    removed_at          timestamptz,
    UNIQUE (source_id, external_id)
);

-- Kept for ever: answers cite versions, also those that are no longer served.
CREATE TABLE article_version (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    article_id    bigint NOT NULL REFERENCES article,
    version       int NOT NULL,
    title         text NOT NULL,
    url           text NOT NULL,
    locale        text NOT NULL,
    product       text,
    audience      text NOT NULL CHECK (audience IN ('public', 'internal')),
    updated_at    timestamptz,
    body          text NOT NULL,
    content_hash  text NOT NULL,
    fetched_at    timestamptz NOT NULL DEFAULT now(),
    UNIQUE (article_id, version)
);

ALTER TABLE article
    ADD FOREIGN KEY (current_version_id) REFERENCES article_version DEFERRABLE INITIALLY DEFERRED;

-- Sections and passages exist for the served versions only. Offsets count characters of
-- article_version.body; a passage's words are read from there, so they are stored once.
CREATE TABLE section (
    id                  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    article_version_id  bigint NOT NULL REFERENCES article_version ON DELETE CASCADE,
    position            int NOT NULL,
    heading_path        text[] NOT NULL,
    anchor              text,
    start_offset        int NOT NULL,
    end_offset          int NOT NULL,
    UNIQUE (article_version_id, position)
);

-- `terms` are the passage's distinct term numbers (the GIN prefilter); `weights` are the same
-- terms with their BM25 weight without IDF, which only the question's side carries, and
-- `pair_weights` those of neighbouring terms. A search reads the weights of thousands of passages
-- and the rest of a few hundred, so the rest is kept out of line.
CREATE TABLE passage (
    id                  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    section_id          bigint NOT NULL REFERENCES section ON DELETE CASCADE,
    article_version_id  bigint NOT NULL REFERENCES article_version ON DELETE CASCADE,
    source_id           int NOT NULL REFERENCES source,
    locale              text NOT NULL,
    language            text NOT NULL,
    product             text,
    audience            text NOT NULL,
    position            int NOT NULL,
    start_offset        int NOT NULL,
    end_offset          int NOT NULL,
    text_hash           bytea NOT NULL,
    terms               int[] NOT NULL,
    weights             sparsevec(1000000000) NOT NULL,
    pair_weights        sparsevec(1000000000) NOT NULL
) WITH (toast_tuple_target = 896);
ALTER TABLE passage
    ALTER COLUMN weights SET STORAGE MAIN,
    ALTER COLUMN pair_weights SET STORAGE EXTERNAL,
    ALTER COLUMN terms SET STORAGE EXTERNAL;

-- Whether a passage is within a question's filters; null is no filter. Inlined by the planner.
CREATE FUNCTION in_scope(p passage, locales text[], products text[], audiences text[], sources int[])
RETURNS bool LANGUAGE sql IMMUTABLE AS $$
    SELECT (locales IS NULL OR p.locale = ANY(locales))
       AND (products IS NULL OR p.product IS NULL OR p.product = ANY(products))
       AND (audiences IS NULL OR p.audience = ANY(audiences))
       AND (sources IS NULL OR p.source_id = ANY(sources))
$$;
CREATE INDEX passage_section ON passage (section_id);
CREATE INDEX passage_article_version ON passage (article_version_id);
CREATE INDEX passage_scope ON passage (locale, product, audience, source_id, section_id);
CREATE INDEX passage_terms ON passage USING gin (terms) WITH (fastupdate = off);

-- How many passages of a language hold a term; refreshed when a run has changed something.
CREATE TABLE lexicon (
    term      int NOT NULL,
    language  text NOT NULL,
    passages  int NOT NULL,
    PRIMARY KEY (term, language)
);
CREATE TABLE corpus (
    one       boolean PRIMARY KEY DEFAULT true CHECK (one),
    passages  int NOT NULL DEFAULT 0,
    stale     boolean NOT NULL DEFAULT false   -- the lexicon awaits a refresh
);
INSERT INTO corpus DEFAULT VALUES;

-- One (provider, model, dimensions, fingerprint of the weights). Vectors of two spaces are never
-- compared: each table that holds vectors is keyed by the space.
CREATE TABLE embedding_space (
    id           int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    provider     text NOT NULL,
    model        text NOT NULL,
    dimensions   int NOT NULL,
    fingerprint  text NOT NULL DEFAULT '',
    created_at   timestamptz NOT NULL DEFAULT now(),
    UNIQUE (provider, model, dimensions, fingerprint)
);
CREATE TABLE current_space (
    one       boolean PRIMARY KEY DEFAULT true CHECK (one),
    space_id  int NOT NULL REFERENCES embedding_space
);

-- The cache: a text once embedded is never embedded again in the same space.
CREATE TABLE embedding (
    space_id   int NOT NULL REFERENCES embedding_space ON DELETE CASCADE,
    text_hash  bytea NOT NULL,
    vector     halfvec NOT NULL,
    PRIMARY KEY (space_id, text_hash)
);

-- What is searched: a row for each passage, and one for each section's heading path
-- (passage_id null).
CREATE TABLE served_vector (
    space_id    int NOT NULL REFERENCES embedding_space ON DELETE CASCADE,
    section_id  bigint NOT NULL REFERENCES section ON DELETE CASCADE,
    passage_id  bigint REFERENCES passage ON DELETE CASCADE,
    vector      halfvec NOT NULL
);
CREATE UNIQUE INDEX served_vector_passage ON served_vector (passage_id, space_id)
    WHERE passage_id IS NOT NULL;
CREATE UNIQUE INDEX served_vector_heading ON served_vector (section_id, space_id)
    WHERE passage_id IS NULL;
CREATE INDEX served_vector_section ON served_vector (section_id);

CREATE TABLE ingest_run (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    source_id    int NOT NULL REFERENCES source,
    started_at   timestamptz NOT NULL DEFAULT now(),
    finished_at  timestamptz,
    state        text NOT NULL DEFAULT 'running'
                 CHECK (state IN ('running', 'done', 'failed')),
    counts       jsonb,
    failures     jsonb,
    reason       text
);
CREATE INDEX ingest_run_source ON ingest_run (source_id, id DESC);
