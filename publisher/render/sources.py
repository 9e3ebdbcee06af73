"""Where templates and translations lie, and whether any of them is another than it was."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import publisher

_PACKAGE = Path(publisher.__file__).parent
TRANSLATIONS = _PACKAGE / "translations"


def built_in_folder() -> Path:
    """The templates that come with the program: inside a wheel, or beside the package in its repository."""
    inside = _PACKAGE / "templates"
    return inside if inside.is_dir() else _PACKAGE.parent / "templates"


def folders(own: Path | None) -> list[Path]:
    """The owner's templates before the built-in ones."""
    return [folder for folder in (own, built_in_folder()) if folder]


def fingerprint(own: Path | None) -> str:
    """Changes whenever any template, any translation or the program's version does."""
    total = sha256(publisher.__version__.encode())
    for folder in (*folders(own), TRANSLATIONS):
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            total.update(f"\0{path.relative_to(folder)}\0".encode())
            total.update(path.read_bytes())
    return total.hexdigest()
