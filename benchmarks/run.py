"""Measure whole processes, as the owner starts them, and write RESULTS.md. Nothing here is a test.

`python -m benchmarks.run feeds` measures that section alone; the others stay in RESULTS.md as they are.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence

from benchmarks import (
    building,
    day,
    delivery,
    feeds,
    found,
    growing,
    importing,
    matching,
    nextruns,
    postfix,
    reading,
    recording,
    results,
    runs,
    serve,
    site,
    startup,
    web,
    workers,
)
from benchmarks.process import WORK, as_installed

SECTIONS = {
    "startup": startup.section,
    "reading": reading.section,
    "matching": matching.section,
    "found": found.section,
    "runs": runs.section,
    "building": building.section,
    "next": nextruns.section,
    "growing": growing.section,
    "feeds": feeds.section,
    "site": site.section,
    "delivery": delivery.section,
    "postfix": postfix.section,
    "recording": recording.section,
    "importing": importing.section,
    "web": web.section,
    "serve": serve.section,
    "workers": workers.section,
    "day": day.section,
}


def main(names: Sequence[str]) -> None:
    """Measure every section, or those that are named; each is printed and written as soon as it is measured."""
    if unknown := set(names) - SECTIONS.keys():
        raise SystemExit(f"no section {', '.join(sorted(unknown))}; there are {', '.join(SECTIONS)}")
    as_installed()
    for name, section in SECTIONS.items():
        if names and name not in names:
            continue
        shutil.rmtree(WORK, ignore_errors=True)
        try:
            text = section()
        finally:
            shutil.rmtree(WORK, ignore_errors=True)
        results.put(name, text, SECTIONS)
        print(text, end="\n\n", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
