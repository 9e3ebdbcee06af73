"""Measure whole processes, as the owner starts them, and write RESULTS.md. Nothing here is a test.

`python -m benchmarks.run feeds` measures that section alone and prints it; RESULTS.md stays.
"""

from __future__ import annotations

import os
import platform
import shutil
import sys
from collections.abc import Sequence
from datetime import datetime
from importlib.metadata import version

from benchmarks import (
    delivery,
    feeds,
    importing,
    postfix,
    reading,
    recording,
    runs,
    serve,
    site,
    startup,
    web,
)
from benchmarks.process import HERE, WORK
from publisher import __version__

LIBRARIES = ("click", "feedgen", "jinja2", "lxml", "pydantic", "sqlalchemy")
SECTIONS = {
    "startup": startup.section,
    "reading": reading.section,
    "runs": runs.section,
    "feeds": feeds.section,
    "site": site.section,
    "delivery": delivery.section,
    "postfix": postfix.section,
    "recording": recording.section,
    "importing": importing.section,
    "web": web.section,
    "serve": serve.section,
}


def main(names: Sequence[str]) -> None:
    """Measure everything, write RESULTS.md and print it; where sections are named, print only those."""
    if unknown := set(names) - SECTIONS.keys():
        raise SystemExit(f"no section {', '.join(sorted(unknown))}; there are {', '.join(SECTIONS)}")
    parts = [heading()]
    shutil.rmtree(WORK, ignore_errors=True)
    try:
        for name, section in SECTIONS.items():
            if name in names or not names:
                parts.append(section())
                shutil.rmtree(WORK, ignore_errors=True)
    finally:
        shutil.rmtree(WORK, ignore_errors=True)
    text = "\n\n".join(parts) + "\n"
    if not names:
        (HERE / "RESULTS.md").write_text(text, encoding="utf-8")
    print(text, end="")


def heading() -> str:
    """Say what was measured where, and when."""
    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    return f"""\
# Results

Written by `python -m benchmarks.run` on {datetime.now().astimezone():%Y-%m-%d %H:%M %z}; do not edit.

- Machine: {platform.machine()}, {os.cpu_count()} processors, {platform.system()} {platform.release()}
- Python {platform.python_version()}; publisher {__version__}; {libraries}"""


if __name__ == "__main__":
    main(sys.argv[1:])
