"""Conditions of a status: each type stands once, and keeps its place."""

from __future__ import annotations

from kuma.resources.parts import Condition

Conditions = tuple[Condition, ...]


def with_condition(conditions: Conditions, new: Condition) -> Conditions:
    """In the place of the one of its type, or after all others."""
    if all(one.type != new.type for one in conditions):
        return (*conditions, new)
    return tuple(new if one.type == new.type else one for one in conditions)
