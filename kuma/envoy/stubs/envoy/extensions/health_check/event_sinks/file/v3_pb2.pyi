from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Optional as _Optional


class HealthCheckEventFileSink(_message.Message):
    event_log_path: str
    def __init__(self, event_log_path: _Optional[str] = ...) -> None: ...
