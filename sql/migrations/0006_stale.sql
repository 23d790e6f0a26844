-- Answers whose cited words an article no longer has.

-- What became of the words a citation is pinned to: null where the article still has them, as
-- `words_now` where they read otherwise now.
ALTER TABLE citation
    ADD change text CHECK (change IN ('changed', 'removed', 'gone')),
    ADD words_now text;
CREATE INDEX citation_changed ON citation (answer_id) WHERE change IS NOT NULL;
CREATE INDEX answer_created ON answer (created_at);

-- The version of its article in which what is cited of an older version was last looked for; 0 when
-- the article was gone.
CREATE TABLE version_look (
    version_id  bigint PRIMARY KEY REFERENCES article_version,
    looked_in   bigint NOT NULL,
    looked_at   timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX version_look_latest ON version_look (looked_at);
