ALTER TABLE resources ADD COLUMN creation_time timestamp DEFAULT now() NOT NULL;
ALTER TABLE resources ADD COLUMN modification_time timestamp DEFAULT now() NOT NULL;
