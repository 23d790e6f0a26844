-- What people like.

-- name: preference
SELECT voice FROM preference WHERE person = %(person)s

-- name: keep_preference
INSERT INTO preference (person, voice) VALUES (%(person)s, %(voice)s)
ON CONFLICT (person) DO UPDATE SET voice = EXCLUDED.voice, changed_at = now()
