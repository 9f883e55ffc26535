CREATE OR REPLACE FUNCTION notify_event() RETURNS TRIGGER AS $$
DECLARE
  data json;
BEGIN
  IF (TG_OP = 'DELETE') THEN data = row_to_json(OLD); ELSE data = row_to_json(NEW); END IF;
  PERFORM pg_notify('resource_events', json_build_object('action', TG_OP, 'data', data)::text);
  RETURN NULL;
END;
$$ LANGUAGE plpgsql;

CREATE TRIGGER products_notify_event AFTER INSERT OR UPDATE OR DELETE ON resources
  FOR EACH ROW EXECUTE PROCEDURE notify_event();
