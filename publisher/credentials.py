"""Secrets by the name of an environment variable: from it, from a file, or from systemd's credentials."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path


def secret(name: str) -> str:
    """The secret that `name` stands for; empty where there is none.

    The variable itself comes first, then the file that ``NAME_FILE`` names, then the file ``NAME`` in
    ``CREDENTIALS_DIRECTORY`` (systemd.exec, LoadCredential). One line break at the end of a file does not count.
    """
    if not name:
        return ""
    if given := os.environ.get(name):
        return given
    for file in _files(name):
        try:
            return file.read_text(encoding="utf-8").removesuffix("\n").removesuffix("\r")
        except (OSError, UnicodeDecodeError):
            continue
    return ""


def _files(name: str) -> Iterator[Path]:
    if file := os.environ.get(f"{name}_FILE"):
        yield Path(file)
    if folder := os.environ.get("CREDENTIALS_DIRECTORY"):
        yield Path(folder) / name
