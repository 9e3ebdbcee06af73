"""Seeds become drafts: it is looked where they are, a file is read by the reader for its suffix.

Whatever the bytes are, reading ends in a `Draft` or in a `SeedError` that says why not.
"""

from __future__ import annotations

import hashlib
import posixpath
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

from publisher.errors import SeedError
from publisher.model import Draft, SeedFile
from publisher.reading.cleaning import clean
from publisher.reading.contents import Contents, contents_of, scan
from publisher.reading.encodings import decode
from publisher.reading.gate import checked
from publisher.reading.many import MANY, digest_of_file, holds_many, parts_of
from publisher.reading.options import Options
from publisher.reading.pictures import attach
from publisher.reading.plainly import bytes_of, open_plainly, whatever_is_wrong
from publisher.reading.sources import Source, source_of
from publisher.reading.text import read_text

__all__ = [
    "READERS",
    "Contents",
    "Options",
    "Source",
    "attach",
    "contents_of",
    "digest_of",
    "digest_of_file",
    "holds_many",
    "load",
    "load_picture",
    "parts_of",
    "read",
    "scan",
    "source_of",
]

Reader = Callable[[str, Options], Draft]


def _read_markdown(text: str, options: Options) -> Draft:
    from publisher.reading.markdown import read_markdown

    return read_markdown(text, options)


def _read_html(text: str, options: Options) -> Draft:
    from publisher.reading.html import read_html  # its library is loaded where there is a page to read

    return read_html(text, options)


READERS: Mapping[str, Reader] = MappingProxyType(
    {
        ".txt": read_text,
        ".md": _read_markdown,
        ".markdown": _read_markdown,
        ".html": _read_html,
        ".htm": _read_html,
    }
)
"""The reader for each suffix, in small letters."""


def load(folder: Path, seed: SeedFile, options: Options) -> bytes:
    """The bytes of a seed; SeedError where it is too large or cannot be opened."""
    hint = "raise max_megabytes under [seeds], or ignore the file"
    return bytes_of(folder / seed.path, options.max_bytes, hint)


def load_picture(folder: Path, path: str) -> bytes:
    """The bytes of a picture that lies beside a seed; SeedError where it cannot be opened."""
    try:
        with open(folder / path, "rb", opener=open_plainly) as file:
            return file.read()
    except (OSError, ValueError) as fault:
        raise SeedError(f"cannot be opened: {getattr(fault, 'strerror', None) or fault}") from fault


def digest_of(raw: bytes) -> str:
    """The digest by which an unchanged seed is known: BLAKE2b, 16 bytes, as hexadecimal."""
    return hashlib.blake2b(raw, digest_size=16).hexdigest()


def read(raw: bytes, path: str, options: Options, readers: Mapping[str, Reader] = READERS) -> Draft:
    """What the seed at `path` says; SeedError with the reason, the line and a hint where it says nothing.

    Whatever the reader gives, the draft holds only what feeds can carry.
    """
    reader = _reader_for(path, readers)
    if not raw:
        raise SeedError("the file is empty", hint="write the article into it, or remove it")
    text = clean(decode(raw, options.encoding))
    if not text.strip():
        raise SeedError("the file is empty", hint="it holds blanks only")
    return checked(whatever_is_wrong(reader, text, options))


def _reader_for(path: str, readers: Mapping[str, Reader]) -> Reader:
    suffix = posixpath.splitext(path)[1].lower()
    reader = readers.get(suffix)
    if reader is None:
        named = f"'{suffix}' files" if suffix else "files without a suffix"
        raise SeedError(f"no reader for {named}", hint=f"seeds end in {', '.join((*readers, *MANY))}")
    return reader
