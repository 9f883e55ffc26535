ALTER TABLE resources DROP CONSTRAINT resources_pkey;
ALTER TABLE resources DROP COLUMN namespace;
ALTER TABLE resources ADD CONSTRAINT resources_pkey PRIMARY KEY (name, mesh, type);

ALTER TABLE resources ADD COLUMN owner_name varchar(100);
ALTER TABLE resources ADD COLUMN owner_mesh varchar(100);
ALTER TABLE resources ADD COLUMN owner_type varchar(100);

-- they come back by themselves, then with their owners
DELETE FROM resources WHERE type = 'DataplaneInsight';

UPDATE resources SET owner_name = mesh, owner_mesh = mesh, owner_type = 'Mesh' WHERE type NOT IN ('Mesh', 'Zone', 'ZoneInsight');

DELETE FROM resources AS orphan
 WHERE owner_name IS NOT NULL
   AND NOT EXISTS (SELECT 1 FROM resources AS owner
                    WHERE owner.name = orphan.owner_name AND owner.mesh = orphan.owner_mesh AND owner.type = orphan.owner_type);

ALTER TABLE resources ADD CONSTRAINT owner_fk FOREIGN KEY (owner_name, owner_mesh, owner_type)
  REFERENCES resources (name, mesh, type) ON DELETE CASCADE;
