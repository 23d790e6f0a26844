-- Trainings of voices.

-- name: open_run
SELECT * FROM training_run WHERE voice = %(voice)s AND state IN ('begun', 'running')

-- name: add_run
INSERT INTO training_run (voice, backend, method, base_model, dataset_hash, epochs, verdict,
                          despite, who)
VALUES (%(voice)s, %(backend)s, %(method)s, %(base_model)s, %(dataset_hash)s, %(epochs)s,
        %(verdict)s, %(despite)s, %(who)s)
RETURNING *

-- name: training_run
SELECT * FROM training_run WHERE id = %(run)s

-- name: training_runs
SELECT * FROM training_run ORDER BY id DESC LIMIT %(limit)s

-- name: run_begun
UPDATE training_run SET state = 'running', job = %(job)s WHERE id = %(run)s

-- name: end_run
UPDATE training_run
SET state = %(state)s, model = %(model)s, checkpoints = %(checkpoints)s, tokens = %(tokens)s,
    reason = %(reason)s, ended_at = now()
WHERE id = %(run)s AND state IN ('begun', 'running')

-- name: add_training_event
-- Events are read again after a restart; each is kept once.
INSERT INTO training_event (run_id, name, at, message, step, steps, loss)
VALUES (%(run)s, %(name)s, %(at)s, %(message)s, %(step)s, %(steps)s, %(loss)s)
ON CONFLICT DO NOTHING

-- name: training_events
SELECT at, message, step, steps, loss FROM training_event WHERE run_id = %(run)s ORDER BY at, name
