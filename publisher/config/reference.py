"""The reference of config.toml, made from the dataclasses: `python -m publisher.config.reference` prints it."""

from __future__ import annotations

import ast
import inspect
import json
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, Field
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from annotated_types import Ge, Le, MinLen

from publisher.config import Config, Table
from publisher.config.load import keys_of, table_of

_WORDS = {str: "text", int: "whole number", bool: "true or false", float: "number"}

_HEAD = """\
<!-- Made from publisher/config/__init__.py by `python -m publisher.config.reference`; do not edit. -->

# Configuration

Every key of `config.toml`. Paths are relative to the folder of the file. Unknown keys, wrong types
and impossible values are all reported at once, each with its line. Reserved keys change nothing in
this version.
"""


def markdown() -> str:
    """Return the whole page."""
    return "\n".join([_HEAD, *_sections(Config)])


def docstrings(table: type) -> dict[str, str]:
    """Return the text behind each field of `table` and of the table that it extends; Python does not keep it."""
    parent = table.__base__
    inherited = docstrings(parent) if parent not in (None, object, Table) else {}
    (node,) = ast.parse(inspect.getsource(table)).body
    assert isinstance(node, ast.ClassDef)
    found: dict[str, str] = {**inherited}
    for pair in zip(node.body, node.body[1:], strict=False):
        match pair:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(text))):
                found[name] = inspect.cleandoc(text)
    return found


def _sections(table: type) -> Iterator[str]:
    hints = get_type_hints(table, include_extras=True)
    rows = [key for key in keys_of(table) if table_of(hints[key.name]) is None]
    if rows:
        yield _section(table, rows, hints)
    for key in keys_of(table):
        if inner := table_of(hints[key.name]):
            yield from _sections(inner)


def _section(table: type, rows: list[Field[Any]], hints: dict[str, object]) -> str:
    title, _, about = (inspect.getdoc(table) or "").partition(": ")
    words = docstrings(table)
    lines = [f"## {title}", "", about[:1].upper() + about[1:], ""]
    lines += ["| key | type | default | meaning |", "|---|---|---|---|"]
    lines += [
        f"| `{key.name}` | {_type(hints[key.name])} | {_default(key)} | {_cell(words.get(key.name, ''))} |"
        for key in rows
    ]
    return "\n".join([*lines, ""])


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _type(hint: object) -> str:
    origin, inside = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return _type(inside[0]) + "".join(_limit(mark) for mark in inside[1:])
    if origin is Mapping:
        return f"table of {_type(inside[1])}"
    if origin is tuple:
        return f"array of {_type(inside[0])}"
    if origin is Literal:
        return " or ".join(f"`{json.dumps(value)}`" for value in inside)
    if origin in (Union, UnionType):
        return " or ".join(_type(one) for one in inside)
    return _WORDS[hint] if isinstance(hint, type) else str(hint)


def _limit(mark: object) -> str:
    match mark:
        case Ge(ge=bound):
            return f", at least {bound}"
        case Le(le=bound):
            return f", at most {bound}"
        case MinLen():
            return ", not empty"
    return ""


def _default(key: Field[Any]) -> str:
    if key.default_factory is not MISSING:
        return f"`{json.dumps(key.default_factory())}`"
    if key.default is MISSING:
        return "required"
    return f"`{_cell(json.dumps(key.default, ensure_ascii=False))}`"


if __name__ == "__main__":
    print(markdown(), end="")
