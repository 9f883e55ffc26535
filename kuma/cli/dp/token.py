"""The token a proxy shows to the control plane: looked at here, verified there."""

from __future__ import annotations

import base64
import binascii
import json
from pathlib import Path

from kuma.cli.dp.options import Options, UsageError


def token_path(options: Options, work_dir: Path, name: str) -> Path | None:
    """The file that holds the token; an inline one is written to the work folder for its owner only."""
    if options.token:
        _looks_right(options.token.strip(), "--dataplane-token")
        path = work_dir / name
        path.touch(mode=0o600)
        path.write_text(options.token.strip())
        return path
    if options.token_file is None:
        return None
    _looks_right(_read(options.token_file), f"--dataplane-token-file {options.token_file}")
    return options.token_file.absolute()


def _read(path: Path) -> str:
    try:
        return path.read_text().strip()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"--dataplane-token-file {path}: {error}") from None


def _looks_right(token: str, source: str) -> None:
    if not token:
        raise UsageError(f"{source} is empty")
    if len(token.splitlines()) > 1:
        raise UsageError(f"{source} has more than one line; a token is one line")
    if not _is_jwt(token):
        raise UsageError(f"{source} is not a token (a JWT): make one with `kumactl generate dataplane-token`")


def _is_jwt(token: str) -> bool:
    parts = token.split(".")
    if len(parts) != 3:
        return False
    try:
        header, claims = (json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))) for part in parts[:2])
    except (binascii.Error, ValueError):
        return False
    return isinstance(header, dict) and isinstance(claims, dict)
