"""Where in a TOML file something stands. `tomllib` does not say; asked only when there is a fault."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from functools import lru_cache

Path = tuple[str | int, ...]

_CLOSING = ("]", "}", '"""', "'''")


def line_of(text: str, path: Path) -> int:
    """Return the line, from 1, where the statement that sets `path` in the valid TOML `text` begins.

    What is not there has the line of the innermost table around it, or 1.
    """
    lines = _lines(text)
    return next((lines[path[:size]] for size in range(len(path), 0, -1) if path[:size] in lines), 1)


@lru_cache(maxsize=4)
def _lines(text: str) -> dict[Path, int]:
    """Map every path that `text` sets to its line."""
    found: dict[Path, int] = {}
    arrays: dict[Path, int] = {}
    table: Path = ()
    for line, statement in _statements(text):
        data = tomllib.loads(statement)
        if statement.lstrip().startswith("["):
            table = _opened(data, arrays)
            # A table's own header tells more than the header of a table inside it, which may come first.
            found[table] = line
            for size in range(1, len(table)):
                found.setdefault(table[:size], line)
        else:
            for path in _paths(data):
                found.setdefault(table + path, line)
    return found


def _statements(text: str) -> Iterator[tuple[int, str]]:
    """Cut `text` where a prefix of what is left is good TOML."""
    statement, began = "", 0
    for number, line in enumerate(text.replace("\r\n", "\n").split("\n"), 1):
        if not statement and (not line.strip() or line.lstrip().startswith("#")):
            continue
        began = began if statement else number
        # Only a closing mark can end what goes over several lines: others are not worth a trial.
        worth = not statement or any(mark in line for mark in _CLOSING)
        statement += line + "\n"
        if worth and _good(statement):
            yield began, statement
            statement = ""


def _good(statement: str) -> bool:
    try:
        tomllib.loads(statement)
    except tomllib.TOMLDecodeError:
        return False
    return True


def _opened(data: object, arrays: dict[Path, int]) -> Path:
    """The path of the table that a header opens; `arrays` counts the tables of each array."""
    path: Path = ()
    while isinstance(data, dict) and data:
        key, data = next(iter(data.items()))
        path += (key,)
        if isinstance(data, list):
            arrays[path] = arrays.get(path, -1) + 1
        if path in arrays:
            path += (arrays[path],)
    return path


def _paths(data: object) -> Iterator[Path]:
    """Every path inside `data`."""
    inside: list[tuple[str | int, object]] = []
    if isinstance(data, dict):
        inside = list(data.items())
    elif isinstance(data, list):
        inside = list(enumerate(data))
    for key, value in inside:
        yield (key,)
        yield from ((key, *rest) for rest in _paths(value))
