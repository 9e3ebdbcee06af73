"""A PostgreSQL server of the benchmarks' own, as Debian's package sets one up: every commit is on the disk."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote


@contextmanager
def cluster() -> Iterator[str]:
    """Start it, without a port; gives the beginning and the end of URLs with ``NAME`` between. Stopped in the end."""
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda one: int(one.parts[-2]))
    if not programs:
        raise SystemExit("no PostgreSQL on this machine")
    folder = Path(tempfile.mkdtemp(prefix="bench-pg-"))
    user = "postgres" if os.getuid() == 0 else pwd.getpwuid(os.getuid()).pw_name
    if os.getuid() == 0:
        shutil.chown(folder, user)

    def do(program: str, *words: str) -> None:
        command = [str(programs[-1] / program), "-D", str(folder / "data"), *words]
        quiet = subprocess.DEVNULL
        subprocess.run(command, check=True, user=user if os.getuid() == 0 else None, cwd=folder, stdout=quiet)

    do("initdb", "--encoding=UTF8", "--locale=C.UTF-8", "--username=press", "--auth=trust")
    options = f"-k {folder} -c listen_addresses='' -c max_connections=50"
    do("pg_ctl", "start", "-w", "-s", "-l", str(folder / "log"), "-o", options)
    try:
        yield f"postgresql://press@/NAME?host={quote(str(folder), safe='')}"
    finally:
        do("pg_ctl", "stop", "-w", "-s", "-m", "fast")
        shutil.rmtree(folder)


def create(pattern: str, name: str) -> str:
    """Make a database; its URL."""
    import psycopg

    with psycopg.connect(pattern.replace("NAME", "postgres"), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE template0")
    return pattern.replace("NAME", name)
