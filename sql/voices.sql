-- Voices: what they are, where they are live, how they do.

-- name: voice_rows
SELECT v.name, v.state, v.definition, v.created_at,
       array(SELECT channel FROM voice_live l WHERE l.voice = v.name ORDER BY channel) AS channels
FROM voice v ORDER BY v.created_at, v.name

-- name: voice_row
SELECT name, state, definition FROM voice WHERE name = %(voice)s

-- name: spent_on_voice
-- In this calendar month, in US dollars.
SELECT coalesce(sum(cost_usd), 0) AS spent FROM voice_use
WHERE voice = %(voice)s AND used_at >= date_trunc('month', now())

-- name: add_voice
INSERT INTO voice (name, definition) VALUES (%(voice)s, %(definition)s)
ON CONFLICT DO NOTHING RETURNING name

-- name: know_voice
-- A voice of footnote.toml gets a row when something is done to it.
INSERT INTO voice (name) VALUES (%(voice)s) ON CONFLICT DO NOTHING

-- name: set_voice_state
UPDATE voice SET state = %(state)s WHERE name = %(voice)s

-- name: note_change
INSERT INTO voice_change (voice, who, what, why, channel)
VALUES (%(voice)s, %(who)s, %(what)s, %(why)s, %(channel)s)

-- name: voice_changes
SELECT at, who, what, why, channel FROM voice_change WHERE voice = %(voice)s ORDER BY id

-- name: lock_voices
-- One change at a time, until the transaction ends.
SELECT pg_advisory_xact_lock(7340009)

-- name: live_in
-- What is live in a channel, its own or every channel's.
SELECT channel, voice, before, share, since FROM voice_live
WHERE channel IN ('', %(channel)s::text) ORDER BY channel DESC LIMIT 1

-- name: live_voices
SELECT channel, voice, before, share, since FROM voice_live ORDER BY channel

-- name: make_live
INSERT INTO voice_live (channel, voice, before, share)
VALUES (%(channel)s, %(voice)s, %(before)s, %(share)s)
ON CONFLICT (channel) DO UPDATE
SET voice = EXCLUDED.voice, before = EXCLUDED.before, share = EXCLUDED.share, since = now()

-- name: settle_states
-- Live is what is live somewhere; what no longer is has been evaluated.
UPDATE voice v SET state = CASE WHEN here THEN 'live' ELSE 'evaluated' END
FROM (SELECT name, EXISTS (SELECT FROM voice_live l WHERE name IN (l.voice,
             CASE WHEN l.share < 1 THEN l.before END)) AS here FROM voice) AS seen
WHERE seen.name = v.name AND (v.state = 'live') <> here

-- name: withdraw_voice
-- Wherever a voice is live, the one before it is again.
UPDATE voice_live
SET voice = CASE WHEN voice = %(voice)s THEN nullif(before, %(voice)s) ELSE voice END,
    before = NULL, share = 1, since = now()
WHERE voice = %(voice)s OR before = %(voice)s
RETURNING channel, voice

-- name: add_use
INSERT INTO voice_use (voice, answer_id, outcome, reason, parts, passed, cost_usd, ms)
VALUES (%(voice)s, %(answer)s, %(outcome)s, %(reason)s, %(parts)s, %(passed)s,
        %(cost_usd)s, %(ms)s)

-- name: voice_figures
-- How a voice does since a time: shares of its uses, seconds, US dollars, votes on its answers.
SELECT count(*) AS uses,
       count(*) FILTER (WHERE outcome IN ('neutral', 'unavailable')) AS fell_back,
       count(*) FILTER (WHERE outcome = 'unavailable') AS unavailable,
       count(*) FILTER (WHERE outcome = 'partly') AS partly,
       coalesce(sum(parts), 0) AS parts, coalesce(sum(passed), 0) AS passed,
       coalesce(percentile_cont(0.5) WITHIN GROUP (ORDER BY ms), 0) AS p50_ms,
       coalesce(percentile_cont(0.95) WITHIN GROUP (ORDER BY ms), 0) AS p95_ms,
       coalesce(avg(cost_usd), 0) AS cost_usd,
       (SELECT count(*) FROM vote JOIN answer a ON a.id = vote.answer_id
        WHERE a.voice = %(voice)s AND a.created_at >= %(since)s AND NOT helpful) AS down,
       (SELECT count(*) FROM vote JOIN answer a ON a.id = vote.answer_id
        WHERE a.voice = %(voice)s AND a.created_at >= %(since)s) AS votes
FROM voice_use WHERE voice = %(voice)s AND used_at >= %(since)s

-- name: add_evaluation
INSERT INTO voice_evaluation (voice, kind, figures) VALUES (%(voice)s, %(kind)s, %(figures)s)

-- name: last_evaluation
SELECT at, figures FROM voice_evaluation WHERE voice = %(voice)s AND kind = %(kind)s
ORDER BY id DESC LIMIT 1

-- name: add_notice
INSERT INTO voice_notice (about, lines) VALUES (%(about)s, %(lines)s) ON CONFLICT DO NOTHING

-- name: take_notice
-- The next that was not told yet; who takes it tells it.
UPDATE voice_notice SET told_at = now()
WHERE id = (SELECT id FROM voice_notice WHERE told_at IS NULL ORDER BY id
            FOR UPDATE SKIP LOCKED LIMIT 1)
RETURNING id, lines

-- name: untake_notice
-- It could not be told after all.
UPDATE voice_notice SET told_at = NULL WHERE id = %(notice)s

-- name: last_change
SELECT id FROM voice_change WHERE voice = %(voice)s ORDER BY id DESC LIMIT 1

-- name: recent_answers
-- The latest neutral answers that have something to reword.
SELECT a.id FROM answer a
WHERE a.neutral_id IS NULL AND a.verdict = 'answered'
ORDER BY a.id DESC LIMIT %(limit)s

-- name: claim_watch
-- A row for one process, once in so many hours.
INSERT INTO voice_watch (name) VALUES (%(name)s)
ON CONFLICT (name) DO UPDATE SET looked_at = now()
    WHERE voice_watch.looked_at < now() - make_interval(hours => %(hours)s)
RETURNING name

-- name: recent_wordings
-- The answers in a voice of the last days, a statement a line.
SELECT (SELECT string_agg(p.text, E'\n' ORDER BY p.position) FROM part p
        WHERE p.answer_id = a.id) AS said
FROM answer a
WHERE a.voice = %(voice)s AND a.verdict = 'answered'
  AND a.created_at > now() - make_interval(days => %(days)s)
ORDER BY a.id DESC LIMIT 500

-- name: add_judgement
INSERT INTO voice_judgement (one, other, preferred, question, who)
VALUES (%(one)s, %(other)s, %(preferred)s, %(question)s, %(who)s)

-- name: judgements
SELECT one, other, count(*) AS asked,
       count(*) FILTER (WHERE preferred = one) AS for_one,
       count(*) FILTER (WHERE preferred = other) AS for_other
FROM voice_judgement GROUP BY one, other ORDER BY one, other

-- name: recent_uses
-- The share of statements that kept their facts, where the voice was there at all.
SELECT sum(passed)::float / nullif(sum(parts), 0) AS kept FROM voice_use
WHERE voice = %(voice)s AND outcome <> 'unavailable'
  AND used_at > now() - make_interval(days => %(days)s)

-- name: seen_models
SELECT base_url, name FROM model_seen

-- name: note_seen_model
INSERT INTO model_seen (base_url, name) VALUES (%(base_url)s, %(name)s)
ON CONFLICT (base_url, name) DO UPDATE SET seen_at = now()
