-- Voices as rows: what each is, where it is live, what was done to it, and how it does.

-- `definition` is a table [voices.NAME]; null where it stands in footnote.toml.
CREATE TABLE voice (
    name        text PRIMARY KEY CHECK (name <> 'neutral'),
    state       text NOT NULL DEFAULT 'draft'
                CHECK (state IN ('draft', 'evaluated', 'live', 'retired')),
    definition  jsonb,
    created_at  timestamptz NOT NULL DEFAULT now()
);

-- The voice of a channel's answers; '' is every channel without one of its own. A null is neutral.
-- Below a share of 1 the other answers come in the voice before.
CREATE TABLE voice_live (
    channel  text PRIMARY KEY,
    voice    text REFERENCES voice,
    before   text REFERENCES voice,
    share    real NOT NULL DEFAULT 1 CHECK (share > 0 AND share <= 1),
    since    timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE voice_change (
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    voice    text NOT NULL,
    at       timestamptz NOT NULL DEFAULT now(),
    who      text NOT NULL,
    what     text NOT NULL,
    why      text NOT NULL,
    channel  text
);
CREATE INDEX voice_change_voice ON voice_change (voice, id);

-- Each attempt to use a voice, also those that left the neutral wording.
CREATE TABLE voice_use (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    voice      text NOT NULL,
    answer_id  bigint REFERENCES answer ON DELETE CASCADE,   -- the neutral one
    used_at    timestamptz NOT NULL DEFAULT now(),
    outcome    text NOT NULL CHECK (outcome IN ('voiced', 'partly', 'neutral', 'unavailable')),
    reason     text,
    parts      int NOT NULL,
    passed     int NOT NULL,
    cost_usd   numeric(12, 6) NOT NULL,
    ms         real NOT NULL
);
CREATE INDEX voice_use_voice ON voice_use (voice, used_at);

-- What a voice was measured to do: when it was tested, compared, or looked at again.
CREATE TABLE voice_evaluation (
    id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    voice     text NOT NULL,
    at        timestamptz NOT NULL DEFAULT now(),
    kind      text NOT NULL CHECK (kind IN ('test', 'drift')),
    figures   jsonb NOT NULL
);
CREATE INDEX voice_evaluation_voice ON voice_evaluation (voice, id DESC);

-- What leads are to be told, once; whoever is connected to Slack tells it.
CREATE TABLE voice_notice (
    id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at        timestamptz NOT NULL DEFAULT now(),
    about     text NOT NULL UNIQUE,   -- the same is not told twice
    lines     text[] NOT NULL,
    told_at   timestamptz
);
CREATE INDEX voice_notice_untold ON voice_notice (id) WHERE told_at IS NULL;

-- Reviews that a lead does not want a voice to learn from.
CREATE TABLE voice_strike (
    review_id  bigint PRIMARY KEY REFERENCES review ON DELETE CASCADE,
    who        text NOT NULL,
    why        text NOT NULL,
    at         timestamptz NOT NULL DEFAULT now()
);

-- What a voice can be trained on, by the hash of its files: JSON lines in the form of chat
-- fine-tuning. `reviews` are the split of each review it holds.
CREATE TABLE voice_dataset (
    hash         text PRIMARY KEY,
    built_at     timestamptz NOT NULL DEFAULT now(),
    built_by     text NOT NULL,
    card         jsonb NOT NULL,
    train        text NOT NULL,
    validation   text NOT NULL,
    test         text NOT NULL,
    preferences  text NOT NULL,
    reviews      jsonb NOT NULL
);

-- A training, here or at a service: taken up again by whoever runs the command next.
CREATE TABLE training_run (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    voice         text NOT NULL,       -- the name that its result gets
    backend       text NOT NULL CHECK (backend IN ('openai', 'local')),
    method        text NOT NULL CHECK (method IN ('supervised', 'dpo')),
    base_model    text NOT NULL,       -- a name, or a folder
    dataset_hash  text NOT NULL REFERENCES voice_dataset,
    epochs        int NOT NULL,
    state         text NOT NULL DEFAULT 'begun'
                  CHECK (state IN ('begun', 'running', 'succeeded', 'failed', 'cancelled')),
    job           text,                -- its id at the service, or the folder of its adapter
    model         text,                -- what came of it
    checkpoints   jsonb NOT NULL DEFAULT '[]',
    tokens        bigint,              -- that were trained, as the service counts
    reason        text,                -- why it failed
    verdict       text NOT NULL,       -- of `footnote voice advise` when it was begun
    despite       text,                -- why it was begun against the verdict
    who           text NOT NULL,
    created_at    timestamptz NOT NULL DEFAULT now(),
    ended_at      timestamptz
);
-- At most one under way for a voice.
CREATE UNIQUE INDEX training_run_open ON training_run (voice) WHERE state IN ('begun', 'running');

CREATE TABLE training_event (
    run_id     bigint NOT NULL REFERENCES training_run ON DELETE CASCADE,
    name       text NOT NULL,          -- its id at the service
    at         timestamptz NOT NULL,
    message    text NOT NULL,
    step       int,
    steps      int,
    loss       real,
    PRIMARY KEY (run_id, name)
);

-- When voices and models were last looked at; who looks is alone in it.
CREATE TABLE voice_watch (
    name       text PRIMARY KEY,
    looked_at  timestamptz NOT NULL DEFAULT now()
);

-- Which of two wordings a lead liked better, not knowing whose they were; null is neither.
CREATE TABLE voice_judgement (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    one        text NOT NULL,
    other      text NOT NULL,
    preferred  text,
    question   text NOT NULL,
    who        text NOT NULL,
    at         timestamptz NOT NULL DEFAULT now()
);
