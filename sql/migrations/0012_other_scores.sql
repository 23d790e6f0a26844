-- Scores are computed otherwise now, so lines drawn on the former ones say nothing; each help
-- centre's is found anew by its next night, and the default is judged by until then.
DELETE FROM calibration;
