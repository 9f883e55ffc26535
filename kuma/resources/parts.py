"""Parts that several kinds say in the same way: selectors, conditions, addresses, where a secret comes from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from attrs import frozen

from kuma.model import NO_LABELS, Labels
from kuma.schema import Violation, field

CONDITION_TYPE = (
    r"^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])$"
)
REASON = r"^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$"


@frozen
class LabelSelector:
    """Selects by labels: every pair must be equal; none selects everything."""

    match_labels: Labels = field(default=NO_LABELS, doc="Labels that must be there with these values.")

    def matches(self, labels: Mapping[str, str]) -> bool:
        return all(labels.get(key) == value for key, value in self.match_labels.items())


@frozen
class Condition:
    """One thing that holds, does not, or is unknown, and why."""

    type: str = field(max_length=316, pattern=CONDITION_TYPE, doc="What may hold.")
    status: Literal["True", "False", "Unknown"] = field(doc="Whether it holds.")
    reason: str = field(min_length=1, max_length=1024, pattern=REASON, doc="Why, as one word for programs.")
    message: str = field(max_length=32768, doc="Why, for people.")


@frozen
class GeneratorRef:
    """Which HostnameGenerator made something."""

    core_name: str = ""


@frozen
class Hostname:
    """A hostname under which a service is reached."""

    hostname: str = ""
    origin: str = ""
    hostname_generator_ref: GeneratorRef | None = None


@frozen
class GeneratorStatus:
    """What became of one HostnameGenerator on one service."""

    hostname_generator_ref: GeneratorRef
    conditions: tuple[Condition, ...] = ()


@frozen
class Vip:
    """A virtual address of a service."""

    ip: str = ""


@frozen
class File:
    """A file that the control plane can read."""

    path: str = field(default="", required=True, described_only=True)


@frozen
class SecretRef:
    """A Secret of the same mesh."""

    kind: str
    name: str = field(default="", required=True, described_only=True)


@frozen
class EnvVar:
    """A variable in the control plane's environment."""

    name: str = field(default="", required=True, described_only=True)


@frozen
class Inline:
    """The value itself, for everyone to read."""

    value: str = field(default="", required=True, described_only=True)


SourceType = Literal["File", "Secret", "EnvVar", "InsecureInline"]
SOURCES = {
    "File": ("file", "path"),
    "Secret": ("secret_ref", "name"),
    "EnvVar": ("env_var", "name"),
    "InsecureInline": ("insecure_inline", "value"),
}
SPELLED = {"file": "file", "secret_ref": "secretRef", "env_var": "envVar", "insecure_inline": "insecureInline"}


@frozen
class DataSource:
    """Where a secret value comes from."""

    type: SourceType = field(doc="Which of the sources it is.")
    file: File | None = None
    secret_ref: SecretRef | None = None
    env_var: EnvVar | None = None
    insecure_inline: Inline | None = field(default=None, repr=False)

    def violations(self) -> Iterator[Violation]:
        attribute, inner = SOURCES[self.type]
        path = SPELLED[attribute]
        source: Any = getattr(self, attribute)
        if source is None:
            yield Violation(path, "must be defined")
            return
        if not getattr(source, inner):
            yield Violation(f"{path}.{inner}", "must be defined")
        elif self.type == "File":
            yield from _file_violations(source.path)
        if self.type == "Secret" and source.kind != "Secret":
            yield Violation(f"{path}.kind", f"{source.kind} must be one of: Secret")


def _file_violations(path: str) -> Iterator[Violation]:
    if ".." in path:
        yield Violation("file.path", f"file path contains directory traversal sequence: {path}")
    elif not path.startswith("/"):
        yield Violation("file.path", f"file path must be absolute: {path}")
