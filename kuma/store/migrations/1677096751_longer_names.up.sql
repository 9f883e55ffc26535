ALTER TABLE resources ALTER COLUMN name TYPE varchar(253);
