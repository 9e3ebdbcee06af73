"""A folder of seeds, read as a run does, or merely opened and decoded; a process of its own.

`python -m benchmarks.readseeds FOLDER read|open` prints the microseconds of processor time for each file.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from zoneinfo import ZoneInfo

from publisher.reading import Options, load, read, scan
from publisher.reading.sources import Folder

_OPTIONS = Options(zone=ZoneInfo("Asia/Ho_Chi_Minh"), language="vi")


def main(folder: Path, way: str) -> None:
    """Go through every seed, and keep nothing."""
    seeds = scan(Folder(folder, ())).seeds
    started = time.process_time()
    for seed in seeds:
        if way == "read":
            read(load(folder, seed, _OPTIONS), seed.path, _OPTIONS)
        else:
            (folder / seed.path).read_bytes().decode()
    took = time.process_time() - started
    print(json.dumps({"files": len(seeds), "each": took / len(seeds) * 1e6}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
