-- a notification has at most 8,000 bytes, so it carries the key and not the row
CREATE OR REPLACE FUNCTION notify_event() RETURNS TRIGGER AS $$
DECLARE
  changed resources;
BEGIN
  IF (TG_OP = 'DELETE') THEN changed = OLD; ELSE changed = NEW; END IF;
  PERFORM pg_notify('resource_events', json_build_object(
    'action', TG_OP,
    'data', json_build_object('name', changed.name, 'mesh', changed.mesh, 'type', changed.type))::text);
  RETURN NULL;
END;
$$ LANGUAGE plpgsql;
