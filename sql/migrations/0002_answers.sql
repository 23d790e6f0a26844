-- Questions, answers with their ground, and what people made of them.

CREATE TABLE question (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    asked_at     timestamptz NOT NULL DEFAULT now(),
    text         text NOT NULL,
    standalone   text,              -- as it was searched for, once the thread was taken in
    asker        text,              -- Slack user; null on the command line
    team         text,
    channel      text,
    thread_ts    text,              -- the thread the answer goes to
    message_ts   text,              -- the message that asked
    event_id     text,
    state        text NOT NULL DEFAULT 'accepted'
                 CHECK (state IN ('accepted', 'answered', 'failed')),
    UNIQUE (event_id),
    UNIQUE (channel, message_ts)    -- a mention also arrives as a message event
);
CREATE INDEX question_thread ON question (channel, thread_ts);
CREATE INDEX question_open ON question (id) WHERE state = 'accepted';

CREATE TABLE answer (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    question_id     bigint NOT NULL REFERENCES question ON DELETE CASCADE,
    neutral_id      bigint REFERENCES answer ON DELETE CASCADE,  -- what a voice re-worded
    created_at      timestamptz NOT NULL DEFAULT now(),
    verdict         text NOT NULL CHECK (verdict IN ('answered', 'not_covered', 'failed')),
    engine          text NOT NULL,   -- 'quotes' or 'chat'
    model           text,
    voice           text NOT NULL DEFAULT 'neutral',
    prompt_version  text,
    note            text,            -- what was not as usual, for the reader
    sufficiency     real NOT NULL,
    timings_ms      jsonb NOT NULL,
    cost_usd        numeric(12, 6) NOT NULL
);
CREATE INDEX answer_question ON answer (question_id);
CREATE UNIQUE INDEX answer_voice ON answer (neutral_id, voice) WHERE neutral_id IS NOT NULL;

CREATE TABLE evidence (
    answer_id           bigint NOT NULL REFERENCES answer ON DELETE CASCADE,
    n                   int NOT NULL,
    article_version_id  bigint NOT NULL REFERENCES article_version,
    heading_path        text[] NOT NULL,
    anchor              text,
    start_offset        int NOT NULL,
    end_offset          int NOT NULL,
    score               real NOT NULL,
    PRIMARY KEY (answer_id, n)
);
CREATE INDEX evidence_article_version ON evidence (article_version_id);

CREATE TABLE part (
    answer_id  bigint NOT NULL REFERENCES answer ON DELETE CASCADE,
    position   int NOT NULL,
    kind       text NOT NULL,
    text       text NOT NULL,
    support    text NOT NULL CHECK (support IN ('supported', 'partly', 'unsupported', 'none_needed')),
    PRIMARY KEY (answer_id, position)
);

-- Pinned to the evidence (hence to an article version) and to the characters that bear the part.
CREATE TABLE citation (
    answer_id     bigint NOT NULL,
    position      int NOT NULL,
    n             int NOT NULL,
    start_offset  int NOT NULL,
    end_offset    int NOT NULL,
    support       text NOT NULL CHECK (support IN ('supported', 'partly', 'unsupported')),
    PRIMARY KEY (answer_id, position, n),
    FOREIGN KEY (answer_id, position) REFERENCES part ON DELETE CASCADE,
    FOREIGN KEY (answer_id, n) REFERENCES evidence ON DELETE CASCADE
);

-- The message in which a question's answer is seen.
CREATE TABLE delivery (
    question_id  bigint PRIMARY KEY REFERENCES question ON DELETE CASCADE,
    answer_id    bigint NOT NULL REFERENCES answer ON DELETE CASCADE,   -- the wording shown now
    channel      text NOT NULL,
    message_ts   text NOT NULL,
    delivered_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE vote (
    answer_id  bigint NOT NULL REFERENCES answer ON DELETE CASCADE,
    voter      text NOT NULL,
    helpful    boolean NOT NULL,
    voted_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (answer_id, voter)
);

CREATE TABLE review (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    answer_id    bigint NOT NULL REFERENCES answer ON DELETE CASCADE,
    reviewer     text NOT NULL,
    verdict      text NOT NULL CHECK (verdict IN ('approve', 'amend', 'reject', 'article_wrong')),
    wording      text,          -- the amended text
    note         text,
    reviewed_at  timestamptz NOT NULL DEFAULT now(),
    CHECK (verdict <> 'amend' OR wording IS NOT NULL)
);
CREATE INDEX review_answer ON review (answer_id, id DESC);
