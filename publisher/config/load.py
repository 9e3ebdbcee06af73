"""Read config.toml: the file in, a `Config` out, or every fault with its line."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_args, get_origin, get_type_hints

from publisher.config import Config
from publisher.config.checks import Fault, did_you_mean, faults, shown
from publisher.config.lines import Path as Key
from publisher.config.lines import line_of
from publisher.errors import ConfigError

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

_PLAIN = {
    "string_type": "must be text",
    "int_type": "must be a whole number",
    "bool_type": "must be true or false",
    "tuple_type": "must be an array",
    "dataclass_type": "must be a table",
    "string_too_short": "must not be empty",
    "too_short": "must not be empty",
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "must be at most {le}",
}
"""pydantic's kinds of errors in the owner's words."""


def load(path: Path) -> Config:
    """Read the configuration at `path`.

    Raises `ConfigError` with one line for each fault, in the order of the file.
    """
    text = _text(path)
    data = _parsed(path, text)
    config, wrong = _validated(data)
    found = [*wrong, *faults(data, path.resolve().parent)]
    if config is None or found:
        placed = sorted(((line_of(text, fault.path), fault) for fault in _once(found)), key=itemgetter(0))
        raise ConfigError(*(f"{path}:{line}: {dotted(fault.path)}: {fault.what}" for line, fault in placed))
    object.__setattr__(config, "root", path.resolve().parent)
    return config


def dotted(path: Key) -> str:
    """Write a path as the owner knows it: ``digest[0].name``."""
    words = (f"[{step}]" if isinstance(step, int) else f".{_bare(step)}" for step in path)
    return "".join(words).removeprefix(".")


def _bare(key: str) -> str:
    return key if key.isidentifier() else json.dumps(key, ensure_ascii=False)


def keys_of(table: type) -> list[Field[Any]]:
    """The keys that a table of the configuration may have."""
    return [field for field in fields(table) if field.init]


def table_of(hint: object) -> type | None:
    """The dataclass behind a field's type, be it one table or an array of tables."""
    if get_origin(hint) in (Annotated, tuple):
        return table_of(get_args(hint)[0])
    return hint if isinstance(hint, type) and is_dataclass(hint) else None


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise ConfigError(f"{path}: no such file", hint="publish init makes one") from None
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise ConfigError(f"{path}:{line}: not UTF-8") from error


def _parsed(path: Path, text: str) -> dict[str, object]:
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # ValueError: also a number of thousands of digits
        what = str(error).partition(" (at ")[0]
        place = re.search(r"at line (\d+)", str(error))
        last = len(text.rstrip().split("\n"))
        line = int(place[1]) if place else last
        raise ConfigError(f"{path}:{line}: {what}") from error


def _validated(data: Mapping[str, object]) -> tuple[Config | None, list[Fault]]:
    from pydantic import TypeAdapter, ValidationError

    try:
        # JSON, since strict Python input takes no lists for tuples; a date becomes text and is refused later.
        return TypeAdapter(Config).validate_json(json.dumps(data, default=str)), []
    except ValidationError as error:
        return None, list(_translated(error.errors(include_url=False)))


def _translated(errors: list[ErrorDetails]) -> Iterator[Fault]:
    for error in errors:
        if error["type"] == "too_short" and error["input"]:
            continue  # an array all of whose members are wrong: they are reported themselves
        yield Fault(error["loc"], _sentence(error))


def _sentence(error: ErrorDetails) -> str:
    path, value, context = error["loc"], error["input"], error.get("ctx", {})
    match error["type"]:
        case "unexpected_keyword_argument":
            return "unknown key" + did_you_mean(path[-1], _known(path[:-1]))
        case "missing":
            return "missing" + _required(path)
        case "literal_error":
            choices = re.findall(r"'([^']*)'", context["expected"])
            expected = f"one of {', '.join(choices)}" if choices else str(context["expected"]).lower()
            return f"must be {expected} (got {shown(value)}){did_you_mean(value, choices)}"
        case kind:
            what = _PLAIN[kind].format_map(context) if kind in _PLAIN else error["msg"]
            return f"{what} (got {shown(value)})"


def _known(path: Key) -> list[str]:
    table = _table_at(path)
    return [field.name for field in keys_of(table)] if table else []


def _required(path: Key) -> str:
    """For a table that is missing, the keys that it needs."""
    table = _table_at(path)
    needed = [key.name for key in keys_of(table) if _is_required(key)] if table else []
    return f", a table with {' and '.join(needed)}" if needed else ""


def _is_required(key: Field[Any]) -> bool:
    return key.default is MISSING and key.default_factory is MISSING


def _table_at(path: Key) -> type | None:
    table: type | None = Config
    for step in path:
        if isinstance(step, str) and table:
            table = table_of(get_type_hints(table, include_extras=True).get(step))
    return table


def _once(found: list[Fault]) -> list[Fault]:
    """The first fault of each path: the second only says the same in other words."""
    first: dict[Key, Fault] = {}
    for fault in found:
        first.setdefault(fault.path, fault)
    return list(first.values())
