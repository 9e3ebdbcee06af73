"""RESULTS.md: each section as it was measured last, with when and where that was."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Iterable
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

from benchmarks.process import HERE
from publisher import __version__

FILE = HERE / "RESULTS.md"
_LIBRARIES = ("click", "feedgen", "jinja2", "lxml", "pydantic", "sqlalchemy")
_HEAD = """\
# Results

Written by `python -m benchmarks.run`; do not edit. Figures of one section are of one run; those of two may not be.
"""
_MARK = re.compile(r"<!-- (\w+) -->\n")


def put(name: str, section: str, order: Iterable[str], file: Path = FILE) -> None:
    """Put a section that was measured now in the place of the one before it; sections stand in `order`."""
    sections = known(file) | {name: f"{section.strip()}\n\n{_measured()}"}
    text = [f"<!-- {each} -->\n{sections[each].strip()}\n" for each in order if each in sections]
    file.write_text("\n".join([_HEAD, *text]), encoding="utf-8")


def known(file: Path = FILE) -> dict[str, str]:
    """The sections of the file by name."""
    _, *rest = _MARK.split(file.read_text(encoding="utf-8")) if file.exists() else ("",)
    return dict(zip(rest[::2], rest[1::2], strict=True))


def _measured() -> str:
    libraries = ", ".join(f"{name} {version(name)}" for name in _LIBRARIES)
    return (
        f"*{datetime.now().astimezone():%Y-%m-%d %H:%M %z}; {platform.machine()}, {os.cpu_count()} processors,"
        f" {platform.system()} {platform.release()}; Python {platform.python_version()};"
        f" publisher {__version__}; {libraries}.*"
    )
