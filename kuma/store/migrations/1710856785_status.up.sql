ALTER TABLE resources ADD COLUMN status jsonb NOT NULL DEFAULT '{}'::jsonb;
