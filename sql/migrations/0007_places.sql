-- Places in Slack: what leads set for a channel, what people like, what went from one place to
-- another, and why an answer did not help.

-- Set in the app's Home tab; in place of the channel's table in footnote.toml.
CREATE TABLE channel_setting (
    channel          text PRIMARY KEY,
    audiences        text[] NOT NULL CHECK (audiences <@ '{public,internal}' AND audiences <> '{}'),
    voice            text,
    products         text[],
    locales          text[],
    every_question   bool NOT NULL,
    handoff_channel  text,
    handoff_group    text,
    changed_by       text NOT NULL,
    changed_at       timestamptz NOT NULL DEFAULT now()
);

-- How a person likes answers worded that only they see.
CREATE TABLE preference (
    person      text PRIMARY KEY,
    voice       text NOT NULL,
    changed_at  timestamptz NOT NULL DEFAULT now()
);

-- A thread in which people talk to one another: quiet until it is asked in again by a mention.
CREATE TABLE quiet_thread (
    channel    text NOT NULL,
    thread_ts  text NOT NULL,
    since      timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (channel, thread_ts)
);

-- An answer that was given to one person and then shown in a channel. Its thread is the bot's.
CREATE TABLE shared_answer (
    channel     text NOT NULL,
    message_ts  text NOT NULL,
    thread_ts   text NOT NULL,
    answer_id   bigint NOT NULL REFERENCES answer ON DELETE CASCADE,
    shared_by   text NOT NULL,
    shared_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (channel, message_ts)
);
CREATE INDEX shared_answer_thread ON shared_answer (channel, thread_ts);
CREATE INDEX shared_answer_answer ON shared_answer (answer_id);

CREATE TABLE handoff (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    answer_id     bigint NOT NULL REFERENCES answer ON DELETE CASCADE,
    handed_by     text NOT NULL,
    channel       text NOT NULL,
    message_ts    text NOT NULL,
    note          text,
    handed_at     timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX handoff_answer ON handoff (answer_id);

-- What was wrong, in the words of whoever voted an answer down. Another vote replaces them.
ALTER TABLE vote ADD comment text;
CREATE TABLE vote_reason (
    answer_id  bigint NOT NULL,
    voter      text NOT NULL,
    reason     text NOT NULL
               CHECK (reason IN ('wrong', 'outdated', 'wrong_source', 'incomplete', 'tone')),
    PRIMARY KEY (answer_id, voter, reason),
    FOREIGN KEY (answer_id, voter) REFERENCES vote ON DELETE CASCADE
);

CREATE INDEX question_asker ON question (asker, id DESC);
