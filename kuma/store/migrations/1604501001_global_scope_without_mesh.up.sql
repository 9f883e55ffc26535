ALTER TABLE resources DROP CONSTRAINT owner_fk;
UPDATE resources SET mesh = '' WHERE type IN ('Mesh', 'Zone');
UPDATE resources SET owner_mesh = '' WHERE owner_type IN ('Mesh', 'Zone');
ALTER TABLE resources ADD CONSTRAINT owner_fk FOREIGN KEY (owner_name, owner_mesh, owner_type)
  REFERENCES resources (name, mesh, type) ON DELETE CASCADE;
