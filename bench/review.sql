-- A year of a desk: {answers} answers with all that hangs from them, by dice that fall the same.
SELECT setseed(0.7);

INSERT INTO source (name) VALUES ('generated');
INSERT INTO article (source_id, external_id, path)
SELECT (SELECT id FROM source WHERE name = 'generated'), n::text, n || '.md'
FROM generate_series(1, 500) AS n;
INSERT INTO article_version (article_id, version, title, url, locale, audience, body, content_hash)
SELECT id, 1, 'About thing ' || external_id, 'https://help.example.com/' || external_id, 'en',
       'public', repeat('Thing ' || external_id || ' takes five days to arrive. ', 40), 'x'
FROM article;
UPDATE article a SET current_version_id = v.id FROM article_version v WHERE v.article_id = a.id;

INSERT INTO question (asked_at, text, standalone, asker, channel, thread_ts, message_ts, state)
SELECT now() - n * interval '365 days' / {answers}, 'How long does thing ' || n % 500 || ' take, asked ' || n || '?',
       'How long does thing ' || n % 500 || ' take, asked ' || n || '?', 'U' || n % 60, 'C' || n % 12, n::text, n::text, 'answered'
FROM generate_series(1, {answers}) AS n;

INSERT INTO answer (question_id, created_at, verdict, engine, model, voice, sufficiency, timings_ms,
                    cost_usd)
SELECT id, asked_at + interval '3 seconds',
       CASE WHEN id % 9 = 0 THEN 'not_covered' WHEN id % 200 = 1 THEN 'failed' ELSE 'answered' END,
       CASE WHEN id % 3 = 0 THEN 'quotes' ELSE 'chat' END,
       CASE WHEN id % 3 > 0 THEN 'gpt-5-mini' END,
       CASE WHEN id % 11 = 0 THEN 'brand' ELSE 'neutral' END,
       random(),
       jsonb_build_object('embed', 5 + 5 * random(), 'retrieve', 20 + 30 * random(), 'generate',
                          800 * random(), 'verify', 10 * random(), 'total', 200 + 900 * random()),
       0.0004 + 0.0006 * random()
FROM question;

INSERT INTO evidence (answer_id, n, article_version_id, heading_path, start_offset, end_offset, score)
SELECT a.id, n, v.first + (a.id * 7 + n * n * 13) % 500, '{{Delivery}}', 0, 300, 0.9 - n / 10.0
FROM answer a, generate_series(1, 3) AS n, (SELECT min(id) AS first FROM article_version) AS v
WHERE a.verdict <> 'failed';
INSERT INTO part (answer_id, position, kind, text, support)
SELECT a.id, position, 'statement', 'Thing takes five days to arrive, statement ' || position || '.',
       CASE WHEN (a.id * 3 + position) % 70 = 0 THEN 'unsupported'
            WHEN (a.id * 3 + position) % 40 = 0 THEN 'partly' ELSE 'supported' END
FROM answer a, generate_series(0, 2) AS position WHERE a.verdict = 'answered';
INSERT INTO citation (answer_id, position, n, start_offset, end_offset, support, change, changed_at)
SELECT answer_id, position, position + 1, 0, 36, 'supported',
       CASE WHEN answer_id % 150 = 0 THEN 'changed' END,
       CASE WHEN answer_id % 150 = 0 THEN now() - interval '2 hours' END
FROM part;

INSERT INTO vote (answer_id, voter, helpful, voted_at)
SELECT id, 'U' || id % 60, id % 40 > 0, created_at + interval '1 minute' FROM answer
WHERE id % 4 = 0 AND verdict <> 'failed';
INSERT INTO review (answer_id, reviewer, verdict, wording, reviewed_at)
SELECT id, 'L' || id % 4,
       (ARRAY['approve', 'approve', 'approve', 'amend', 'reject', 'article_wrong'])[1 + id % 6],
       'Thing takes six days to arrive. [1]', least(created_at + interval '1 day', now())
FROM answer WHERE id % 7 = 0 AND verdict <> 'failed';
INSERT INTO ingest_run (source_id, started_at, finished_at, state, report)
SELECT (SELECT id FROM source WHERE name = 'generated'), now() - n * interval '1 day',
       now() - n * interval '1 day' + interval '40 seconds', 'done',
       '{{"articles": {{"added": 1, "changed": 4, "removed": 0}}, "seconds": 40, "failures": []}}'
FROM generate_series(1, 365) AS n;

ANALYZE;
INSERT INTO review_wait (answer_id, reason, answered_at)
SELECT answer_id, reason, answered_at FROM review_due WHERE reason IS NOT NULL;
ANALYZE;
