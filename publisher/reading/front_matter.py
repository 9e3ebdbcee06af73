"""What stands above a Markdown text between ``---`` or ``+++``; values stay text, nothing is guessed."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass

from publisher.errors import SeedError

Value = str | list[str]

_PAIR = re.compile(r"([\w-]+)[ \t]*:(?:[ \t]+(.*))?\Z")
_ITEM = re.compile(r"""\s*(?:"([^"]*)"|'([^']*)'|([^,]*))\s*(?:,|\Z)""")
_BLOCK_SCALARS = frozenset(("|", ">", "|-", ">-", "|+", ">+"))
_ENDS = {"+++": ("+++",), "---": ("---", "...")}


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """Values and the lines they stand on, by key in small letters; `body_line` is the first below."""

    values: Mapping[str, Value]
    lines: Mapping[str, int]
    body_line: int = 0


def split_front_matter(text: str) -> tuple[FrontMatter, str]:
    """The front matter of `text`, empty where there is none, and the text below; SeedError for a broken one."""
    lines = text.split("\n")
    fence = lines[0].rstrip()
    if fence not in _ENDS:
        return _unfenced(lines) or (FrontMatter({}, {}), text)
    end = next((at for at, line in enumerate(lines[1:], 1) if line.rstrip() in _ENDS[fence]), None)
    if end is None:
        raise SeedError("the front matter has no end", line=1, hint=f"close it with a line {fence}")
    head, body = lines[1:end], "\n".join(lines[end + 1 :])
    values, places = _toml(head) if fence == "+++" else _pairs(head)
    return FrontMatter(values, places, end + 1), body


def _unfenced(lines: list[str]) -> tuple[FrontMatter, str] | None:
    """Pairs at the very top, down to the first empty line, as Pelican has them: a title and a date among them."""
    end = next((at for at, line in enumerate(lines) if not line.strip()), len(lines))
    pairs = [_PAIR.match(line) for line in lines[:end]]
    keys = [pair[1].lower() if pair else "" for pair in pairs]
    if not {"title", "date"} <= set(keys) or "" in keys:
        return None
    values, places = _pairs(lines[:end])
    return FrontMatter(values, {key: line - 1 for key, line in places.items()}, end + 1), "\n".join(
        lines[end:]
    )


def _toml(lines: list[str]) -> tuple[dict[str, Value], dict[str, int]]:
    try:
        table = tomllib.loads("\n".join([*lines, ""]))
        values = {key.lower(): _as_text(value) for key, value in table.items()}
    except (ValueError, RecursionError) as fault:
        line = re.search(r"at line (\d+)", str(fault))
        at = int(line[1]) + 1 if line else 1
        raise SeedError("the front matter is not TOML", line=at, hint=str(fault)[:200]) from fault
    return values, {}


def _as_text(value: object) -> Value:
    if isinstance(value, list):
        return [str(item) for item in value]
    return str(value)


def _pairs(lines: list[str]) -> tuple[dict[str, Value], dict[str, int]]:
    values: dict[str, Value] = {}
    places: dict[str, int] = {}
    key = ""
    for number, line in enumerate(lines, 2):
        if not line.strip() or line.startswith("#"):
            continue
        if pair := _PAIR.match(line):
            key = pair[1].lower()
            values[key], places[key] = _value((pair[2] or "").strip()), number
        elif key and line.startswith((" ", "\t", "-")):
            values[key] = _continued(values[key], line.strip())
        else:
            raise SeedError("front matter that is no “key: value”", line=number, hint="as in title: A title")
    return values, places


def _value(text: str) -> Value:
    if text in _BLOCK_SCALARS:
        return ""
    if text.startswith("[") and text.endswith("]"):
        items = ("".join(part or "" for part in item.groups()) for item in _ITEM.finditer(text[1:-1]))
        return [item.strip() for item in items if item.strip()]
    return _unquoted(text)


def _continued(value: Value, line: str) -> Value:
    if line == "-" or line.startswith("- "):
        item = _unquoted(line[1:].strip())
        if isinstance(value, list):
            value.append(item)
            return value
        return [value, item] if value else [item]
    if isinstance(value, list):
        return value
    return f"{value} {line}".strip()


def _unquoted(text: str) -> str:
    quoted = len(text) > 1 and text[0] == text[-1] and text[0] in "\"'"
    return text[1:-1] if quoted else text
