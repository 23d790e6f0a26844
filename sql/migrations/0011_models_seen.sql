-- Models in use that their provider's list has had: only these can be missed from it, for some
-- servers answer to names that they do not list.
CREATE TABLE model_seen (
    base_url  text NOT NULL,      -- '' is OpenAI's own
    name      text NOT NULL,
    seen_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (base_url, name)
);
