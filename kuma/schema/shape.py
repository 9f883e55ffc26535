"""What an attrs class says about its documents: each attribute's name there, its type, its limits, its meaning."""

from __future__ import annotations

import functools
import operator
import types
import typing
from collections.abc import Callable
from typing import Annotated, Any, TypeVar

import attrs
from attrs import NOTHING, frozen

METADATA = "kuma.schema"
UNIONS = (typing.Union, types.UnionType)

F = TypeVar("F", bound=Callable[..., Any])


def once(build: F) -> F:
    """Build once for each class, and remember."""
    return typing.cast(F, functools.cache(build))


class Message:
    """A class whose documents follow protobuf's JSON mapping.

    Zero values and an enumeration's default are left out, durations are seconds, original field names are understood.
    """

    __slots__ = ()


@frozen
class Limits:
    """What a value must keep within; on an item of a list, say it with `Annotated[str, Limits(...)]`."""

    ge: float | None = None
    le: float | None = None
    min_length: int | None = None
    max_length: int | None = None
    min_items: int | None = None
    max_items: int | None = None
    pattern: str | None = None
    one_of: tuple[str, ...] | None = None
    """Words that are described, but left to semantic checks: what older versions have stored stays readable."""
    described_only: bool = False
    """Whether all this is described, but left to semantic checks, which say it better."""
    quoted: bool = False
    """Whether a number is shown as text, as protobuf's JSON does with 64 bits."""


NO_LIMITS = Limits()

Int32 = Annotated[int, Limits(ge=-(2**31), le=2**31 - 1)]
UInt32 = Annotated[int, Limits(ge=0, le=2**32 - 1)]
UInt64 = Annotated[int, Limits(ge=0, le=2**64 - 1, quoted=True)]


@frozen
class Meaning:
    """What `field` adds to an attribute."""

    json: str | None = None
    doc: str = ""
    required: bool = False
    checked: bool = True
    limits: Limits = NO_LIMITS


@frozen
class Slot:
    """One attribute of a class, ready to be read, shown and described."""

    name: str
    json: str
    type: Any
    required: bool
    default: Any
    checked: bool
    limits: Limits
    doc: str


def field(  # noqa: PLR0913 - every argument is one word of the vocabulary, all by keyword
    *,
    default: Any = NOTHING,
    factory: Callable[[], Any] | None = None,
    json: str | None = None,
    doc: str = "",
    required: bool = False,
    checked: bool = True,
    repr: bool = True,
    **limits: Any,
) -> Any:
    """An attribute that says more than its annotation: its JSON name, its meaning, and its `Limits` by name.

    One that is not `checked` is left out when `violations` walks: the class around it checks it where it matters.
    """
    if factory is not None:
        default = attrs.Factory(factory)
    meaning = Meaning(json, doc, required, checked, Limits(**limits))
    return attrs.field(default=default, metadata={METADATA: meaning}, repr=repr)


@once
def slots(cls: Any) -> tuple[Slot, ...]:
    """The attributes of a class, in order."""
    hints = typing.get_type_hints(cls, include_extras=True)
    return tuple(_slot(attribute, hints[attribute.name]) for attribute in attrs.fields(cls))


def _slot(attribute: attrs.Attribute[Any], hint: Any) -> Slot:
    meaning: Meaning = attribute.metadata.get(METADATA, Meaning())
    return Slot(
        attribute.name,
        meaning.json or camel(attribute.name),
        hint,
        meaning.required or attribute.default is NOTHING,
        _default(attribute.default),
        meaning.checked,
        meaning.limits,
        meaning.doc,
    )


def _default(default: Any) -> Any:
    return default.factory() if isinstance(default, attrs.Factory) else default  # type: ignore[arg-type]


def camel(name: str) -> str:
    """`target_ref` as documents spell it: `targetRef`."""
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def bare(hint: Any) -> tuple[Any, Limits | None]:
    """A type without its `| None` and without `Annotated`, and the limits that stood there."""
    if typing.get_origin(hint) is Annotated:
        inner, *notes = typing.get_args(hint)
        limits = next((note for note in notes if isinstance(note, Limits)), None)
        bared, deeper = bare(inner)
        return bared, limits or deeper
    if typing.get_origin(hint) in UNIONS:
        kept = tuple(option for option in typing.get_args(hint) if option is not type(None))
        return bare(kept[0]) if len(kept) == 1 else (functools.reduce(operator.or_, kept), None)
    return hint, None
