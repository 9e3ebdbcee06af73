"""Mutated seeds by the hundred thousand: each is an article or a reason, in less than a second, and fit for a feed.

``make fuzz`` runs a million; ``python tests/fuzz_reading.py COUNT [SEED]`` as many as are said. What is wrong is
left in a file, named on the way, and makes the exit status 1.
"""

from __future__ import annotations

import hashlib
import logging
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

from lxml import etree

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from publisher.errors import SeedError
from publisher.model import Draft, SeedFile
from publisher.reading import READERS, Options, holds_many, parts_of, read
from publisher.render.blocks import to_html

HERE = Path(__file__).resolve().parent
CASES = [*(HERE / "cases" / "reading").iterdir(), *(HERE.parent / "seeds").iterdir()]
SHARED = HERE.parent.parent / "shared" / "articles"
OPTIONS = Options(zone=ZoneInfo("Asia/Ho_Chi_Minh"), language="vi", max_bytes=3_000_000)
LONGEST = 20_000
_LOG = logging.getLogger("fuzz")
HANG = 1.0
FAULTS = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
)
"""What a reader raises that has a bug."""
BITS = [
    *(b"\xff\xfe", b"\xef\xbb\xbf", b"\0", b"\r", b"\xc3\x28", "\u0301".encode() * 50, "\u202e".encode()),
    *(b"<", b">", b"&amp;", b"&#0;", b"<![CDATA[", b"]]>", b"<script>", b"<p>", b"<blockquote>" * 300),
    *(
        b"---\n",
        b"+++\n",
        b"title: ",
        b"date: ",
        b"{",
        b"[",
        b'"',
        b",",
        b"1e999",
        b"javascript:",
        b"http://[",
    ),
    *(
        b"31/02/2023",
        b"30/05/2023 17:26",
        b"9999-12-31T23:59:59Z",
        b"0001-01-01",
        "ngày 30 tháng 5 năm 2023".encode(),
    ),
    *(
        b"Tags:",
        "Từ khóa: ".encode(),
        b"> " * 500,
        b"* " * 500,
        b"[a](" * 200,
        b"<!ENTITY a 'b'>",
        b"\n" * 200,
    ),
    *(b"\xa8\xb5\xb6", "Ã¡áº¡".encode(), b" " * 3000, b"a" * 3000),
]
"""What is put into seeds: pieces that readers look for, or had better not trip over."""


def mutated(raw: bytes, others: list[bytes], rng: Random) -> bytes:
    """A seed with a few changes: pieces cut, doubled, moved, exchanged with other seeds, bytes turned."""
    made = bytearray(raw[:LONGEST])
    for _ in range(rng.choice((1, 1, 2, 3, 8))):
        at, end = sorted(rng.randrange(len(made) + 1) for _ in range(2))
        end = min(end, at + rng.choice((1, 8, 64, 512)))
        match rng.randrange(6):
            case 0:
                del made[at:end]
            case 1:
                made[at:at] = made[at:end] * rng.choice((1, 2, 20))
            case 2:
                made[at:at] = rng.choice(BITS)
            case 3:
                other = rng.choice(others)
                start = rng.randrange(len(other) + 1)
                made[at:end] = other[start : start + rng.choice((8, 64, 512))]
            case 4:
                for place in range(at, end):
                    made[place] ^= 1 << rng.randrange(8)
            case _:
                made[at:end] = rng.randbytes(end - at)
    return bytes(made[: 2 * LONGEST])


def drafts(raw: bytes, suffix: str, folder: Path) -> list[Draft | SeedError]:
    """What reading makes of it."""
    try:
        if not holds_many(f"a{suffix}"):
            return [read(raw, f"a{suffix}", OPTIONS)]
        (folder / f"a{suffix}").write_bytes(raw)
        seed = SeedFile(f"a{suffix}", len(raw), 0)
        return [draft for _, _, draft in parts_of(folder, seed, OPTIONS)]
    except SeedError as fault:
        return [fault]


def look(raw: bytes, suffix: str, folder: Path) -> Counter[str]:
    """Read it, and see that all of it can stand in XML."""
    seen = Counter[str]()
    for draft in drafts(raw, suffix, folder):
        if isinstance(draft, SeedError):
            assert draft.reason
            seen["reasons"] += 1
            continue
        root = etree.Element("x")
        for text in (
            draft.title,
            draft.summary,
            *draft.authors,
            *draft.keywords,
            to_html(draft.blocks, "https://e.org/a/"),
        ):
            etree.SubElement(root, "y").text = text
        assert draft.blocks
        assert draft.title.strip()
        assert draft.published.utcoffset() is not None
        seen["articles"] += 1
    return seen


def main(count: int, seed: int) -> int:
    """So many mutations; how many went wrong."""
    rng, seen, wrong, slowest = Random(seed), Counter[str](), 0, 0.0
    files = [
        file for file in (*CASES, *(SHARED.iterdir() if SHARED.exists() else ())) if file.suffix != ".gz"
    ]
    pool = [
        (file.suffix, file.read_bytes()) for file in files if file.suffix in READERS or holds_many(file.name)
    ]
    others = [raw for _, raw in pool]
    with tempfile.TemporaryDirectory() as name:
        for number in range(count):
            suffix, raw = rng.choice(pool)
            made = mutated(raw, others, rng)
            started = time.perf_counter()
            try:
                seen += look(made, suffix, Path(name))
            except FAULTS:
                wrong += 1
                kept = Path(f"fuzzed-{hashlib.blake2b(made, digest_size=4).hexdigest()}{suffix}")
                kept.write_bytes(made)
                _LOG.exception("%s", kept)
            took = time.perf_counter() - started
            slowest = max(slowest, took)
            if took > HANG:
                seen["slow"] += 1
                Path(f"slow-{number}{suffix}").write_bytes(made)
            if number % 20_000 == 19_999:
                sys.stdout.write(f"{number + 1:,}: {dict(seen)}, slowest {slowest:.2f} s, {wrong} wrong\n")
                sys.stdout.flush()
    return wrong


if __name__ == "__main__":
    sys.exit(bool(main(int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1)))
