"""What every command of one run shares: the configuration, and the control plane that it talks to."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click
from attrs import frozen

if TYPE_CHECKING:
    from kuma.cli.kumactl.client import ControlPlane
    from kuma.cli.kumactl.configuration import Configuration


@frozen
class Session:
    """One run of kumactl. `config_file` is None where no configuration is to be read or written."""

    config_file: Path | None
    control_plane: str = ""
    timeout: str = "1m0s"

    def configuration(self) -> Configuration:
        """The configuration; a missing file is written with the defaults first."""
        from kuma.cli.kumactl.configuration import DEFAULT, read  # noqa: PLC0415 - YAML only where it is needed

        return DEFAULT if self.config_file is None else read(self.config_file)

    def keep(self, configuration: Configuration) -> None:
        """Write the configuration, unless this run has none."""
        from kuma.cli.kumactl.configuration import write  # noqa: PLC0415 - YAML only where it is needed

        if self.config_file is not None:
            write(self.config_file, configuration)

    def client(self) -> ControlPlane:
        """The control plane to talk to. Raises ClickException where none is active."""
        from kuma.cli.kumactl.client import ControlPlane  # noqa: PLC0415 - HTTP only where it is needed

        return ControlPlane.of(self.configuration().active(self.control_plane), self.seconds())

    def seconds(self) -> float | None:
        """How long to wait for an answer; None for ever."""
        return duration(self.timeout, "--api-timeout") or None


def duration(text: str, flag: str) -> float:
    """The seconds in `1m30s`, as a flag says them. Raises UsageError."""
    from kuma.schema.text import parse_go_duration  # noqa: PLC0415 - where it is needed

    try:
        return parse_go_duration(text).total_seconds()
    except ValueError:
        raise click.UsageError(f'{flag} "{text}" is no duration such as 30s or 1m30s') from None


def checked(session: Session) -> ControlPlane:
    """The control plane to talk to, after a look at whether its version fits ours."""
    client = session.client()
    client.warn_of_other_version()
    return client
