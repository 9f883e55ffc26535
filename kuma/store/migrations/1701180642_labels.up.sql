ALTER TABLE resources ADD COLUMN labels jsonb DEFAULT '{}'::jsonb;
