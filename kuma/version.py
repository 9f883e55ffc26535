"""Which version this is."""

# The first three numbers are those of the wire formats spoken; peers treat a preview as compatible with all of them.
VERSION = "3.0.0-preview.1"


def build_info() -> dict[str, str]:
    """The version in the shape in which proxies and control planes tell each other."""
    return {"version": VERSION, "gitTag": "", "gitCommit": "", "buildDate": ""}
