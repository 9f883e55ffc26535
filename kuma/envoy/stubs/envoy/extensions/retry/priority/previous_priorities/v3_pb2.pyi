from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Optional as _Optional


class PreviousPrioritiesConfig(_message.Message):
    update_frequency: int
    def __init__(self, update_frequency: _Optional[int] = ...) -> None: ...
