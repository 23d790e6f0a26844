-- Threads that are the bot's: one of its answers is in them.

-- name: thread
-- Who asks in a thread, and whether people talk to one another there by now. No row: not ours.
SELECT array_agg(DISTINCT asker) AS askers,
       EXISTS (SELECT FROM quiet_thread t
               WHERE t.channel = %(channel)s AND t.thread_ts = %(thread_ts)s) AS quiet
FROM (
    SELECT asker FROM question
    WHERE channel = %(channel)s AND thread_ts = %(thread_ts)s AND asker IS NOT NULL
    UNION ALL
    SELECT shared_by FROM shared_answer
    WHERE channel = %(channel)s AND thread_ts = %(thread_ts)s
) AS asked
HAVING count(*) > 0

-- name: quieten_thread
INSERT INTO quiet_thread (channel, thread_ts) VALUES (%(channel)s, %(thread_ts)s)
ON CONFLICT DO NOTHING

-- name: reopen_thread
DELETE FROM quiet_thread WHERE channel = %(channel)s AND thread_ts = %(thread_ts)s

-- name: add_share
INSERT INTO shared_answer (channel, message_ts, thread_ts, answer_id, shared_by)
VALUES (%(channel)s, %(message_ts)s, %(thread_ts)s, %(answer)s, %(shared_by)s)
ON CONFLICT DO NOTHING

-- name: add_handoff
INSERT INTO handoff (answer_id, handed_by, channel, message_ts, note)
VALUES (%(answer)s, %(handed_by)s, %(channel)s, %(message_ts)s, %(note)s)
