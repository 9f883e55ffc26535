"""The part of Go's text/template that names are written in: text, `{{ .Field }}` and `{{ label "key" }}`."""

from __future__ import annotations

import re
from collections.abc import Mapping

from attrs import frozen

ACTION = re.compile(r"\{\{-?(.*?)-?\}\}", re.DOTALL)
FIELD = re.compile(r"\.([A-Za-z_][A-Za-z0-9_]*)")
LABEL = re.compile(r'label\s+(?:"([^"\\]*)"|`([^`]*)`)')
CUT_SHORT = re.compile(r"\.?[A-Za-z_]\w*([^\w\s.,|:()])")
STAGES = re.compile(r'\|(?=(?:[^"]*"[^"]*")*[^"]*$)')


class TemplateError(ValueError):
    """A template can't be read, or asks for what is not there."""


@frozen
class Field:
    """A place for one of the values, `{{ .Mesh }}`."""

    name: str


@frozen
class Label:
    """A place for the value of a label, `{{ label "team" }}`."""

    key: str


Part = str | Field | Label


@frozen
class Template:
    """A text with places in it."""

    parts: tuple[Part, ...]

    @classmethod
    def parse(cls, text: str) -> Template:
        """Raises TemplateError."""
        parts: list[Part] = []
        position = 0
        for action in ACTION.finditer(text):
            parts.append(_literal(text[position : action.start()]))
            parts.append(_action(action[1].strip(), 1 + text.count("\n", 0, action.start())))
            position = action.end()
        parts.append(_literal(text[position:]))
        return cls(tuple(part for part in parts if part != ""))

    def render(self, fields: Mapping[str, str], labels: Mapping[str, str]) -> str:
        """The text with its places filled. Raises TemplateError where something is missing."""
        return "".join(_filled(part, fields, labels) for part in self.parts)


def _literal(text: str) -> str:
    if "{{" in text:
        raise TemplateError(f"template: :{1 + text.count(chr(10))}: unclosed action")
    return text


def _action(action: str, line: int) -> Part:
    first, *stages = (stage.strip() for stage in STAGES.split(action))
    for number, stage in enumerate(stages, 2):
        if re.match(r'[0-9"`.]', stage):
            raise TemplateError(f"template: :{line}: non executable command in pipeline stage {number}")
    if not first:
        raise TemplateError(f"template: :{line}: missing value for command")
    if stray := CUT_SHORT.match(first):
        raise TemplateError(f"template: :{line}: bad character U+{ord(stray[1]):04X} {stray[1]!r}")
    if not stages and (field := FIELD.fullmatch(first)):
        return Field(field[1])
    if not stages and (label := LABEL.fullmatch(first)):
        return Label(label[1] or label[2] or "")
    word = first.split()[0]
    if re.fullmatch(r"[A-Za-z_]\w*", word) and word != "label":
        raise TemplateError(f'template: :{line}: function "{word}" not defined')
    raise TemplateError(f'template: :{line}: only fields and label "key" are understood, not {action!r}')


def _filled(part: Part, fields: Mapping[str, str], labels: Mapping[str, str]) -> str:
    if isinstance(part, str):
        return part
    if isinstance(part, Label):
        if part.key not in labels:
            raise TemplateError(f'label "{part.key}" not found')
        return labels[part.key]
    if part.name not in fields:
        raise TemplateError(f"can't evaluate field {part.name}")
    return fields[part.name]
