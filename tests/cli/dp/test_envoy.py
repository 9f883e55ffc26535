"""The Envoy beside kuma-dp: its version."""

import pytest

from kuma.cli.dp.envoy import release_of


@pytest.mark.parametrize(
    ("version", "parts"),
    [("1.40.0", ("1.40.0", "")), ("1.40.0-dev", ("1.40.0", "dev")), ("1.40.0-a-b", ("1.40.0", "a-b")), ("", ("", ""))],
)
def test_releases_and_their_labels(version, parts):
    assert release_of(version) == parts
