"""Topics made ready, kept in a file from one run to the next while their phrases are the same.

::

    file = digest ⏎ JSON of phrases, what topics want of them, and spellings
    digest = BLAKE2b of the JSON, keyed by whatever it was made from

A file that is old, cut short or not ours has another digest: it is made anew. What is kept is what takes long to
make, the spellings by which phrases are looked for. The automaton over them is made from these as fast as one is
read back, and nothing that is read from a file can lead it astray.
"""

from __future__ import annotations

import json
import os
import unicodedata
from collections.abc import Sequence
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path

from publisher import __version__
from publisher.collecting import resting
from publisher.config import Topic
from publisher.keywords.compiled import Compiled, Phrase, Wanted, compile_topics
from publisher.keywords.phrases import Scanner

WORTH_IT = 2000
"""Topics; fewer are made as fast as they are read."""
_FORMAT = 1
"""Raise it whenever the same topics would be compiled otherwise than before."""


def compiled(topics: Sequence[Topic], fold: bool, file: Path | None, *, write: bool) -> Compiled:
    """Topics made ready: from `file` if it has them; else they are made, and kept there where one may `write`."""
    if file is None or len(topics) < WORTH_IT:
        return compile_topics(topics, fold)
    with resting():
        key = _key(topics, fold)
        kept = _read(file, key)
        if kept is None:
            kept = compile_topics(topics, fold)
            if write:
                _write(file, key, kept)
        return kept


def _key(topics: Sequence[Topic], fold: bool) -> bytes:
    facts = repr((_FORMAT, __version__, unicodedata.unidata_version, fold, topics))
    return blake2b(facts.encode("utf-8", "surrogatepass"), digest_size=32).digest()


def _digest(key: bytes, content: bytes) -> bytes:
    return blake2b(content, digest_size=32, key=key).hexdigest().encode()


def _read(file: Path, key: bytes) -> Compiled | None:
    try:
        digest, _, content = file.read_bytes().partition(b"\n")
    except OSError:
        return None
    if digest != _digest(key, content):
        return None
    phrases, wanted, *scanners = json.loads(content)
    cased, folded, unmarked = map(Scanner, scanners)
    return Compiled(
        tuple(map(Phrase._make, phrases)),
        tuple(map(Wanted._make, wanted)),
        cased,
        folded,
        unmarked,
    )


def _write(file: Path, key: bytes, made: Compiled) -> None:
    scanners = [scanner.spellings() for scanner in (made.cased, made.folded, made.unmarked)]
    content = json.dumps([made.phrases, made.wanted, *scanners], separators=(",", ":")).encode()
    fresh = file.with_name(f"{file.name}.{os.getpid()}")
    with suppress(OSError):  # a folder that cannot be written to costs time, and nothing else
        file.parent.mkdir(parents=True, exist_ok=True)
        try:
            fresh.write_bytes(_digest(key, content) + b"\n" + content)
            os.replace(fresh, file)
        finally:
            fresh.unlink(missing_ok=True)
