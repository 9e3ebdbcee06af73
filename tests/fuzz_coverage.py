"""Seeds that are led by the code that they reach: Atheris looks which mutation runs through what no other did.

``make fuzz`` runs it behind `fuzz_reading`; ``python tests/fuzz_coverage.py -runs=COUNT`` alone, with any option of
libFuzzer. It begins with the cases of the tests, and ends at the first text that is neither an article nor a reason.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["publisher.reading"]):
    from fuzz_reading import CASES, look

    from publisher.reading import READERS, holds_many
    from publisher.reading.many import MANY

SUFFIXES = [*READERS, *MANY]


def main(arguments: list[str]) -> None:
    """Fuzz; the first byte of an input says by which suffix the rest is read."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        begun = folder / "begun"
        begun.mkdir()
        for file in CASES:
            if file.suffix in READERS or holds_many(file.name):
                chosen = bytes([SUFFIXES.index(file.suffix)])
                (begun / file.name).write_bytes(chosen + file.read_bytes())

        def one(data: bytes) -> None:
            if data:
                look(data[1:], SUFFIXES[data[0] % len(SUFFIXES)], folder)

        atheris.Setup([*arguments, "-max_len=20000", "-timeout=5", str(begun)], one)
        atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv)
