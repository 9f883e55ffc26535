"""Ports for tests."""

from kuma.ports import free_ports

__all__ = ["free_ports"]
