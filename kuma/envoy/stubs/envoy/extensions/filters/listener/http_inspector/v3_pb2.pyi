from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar


class HttpInspector(_message.Message):
    def __init__(self) -> None: ...
