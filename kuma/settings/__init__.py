"""What a control plane is told: one frozen tree, from a file and the environment."""

from kuma.settings.complete import Machine, completed
from kuma.settings.layers import BadSettings, load, show_redacted
from kuma.settings.public_keys import static_keys
from kuma.settings.tree import Settings

__all__ = ["BadSettings", "Machine", "Settings", "completed", "load", "show_redacted", "static_keys"]
