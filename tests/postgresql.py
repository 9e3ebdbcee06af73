"""A PostgreSQL server of the tests' own: started when first asked for, on a socket in a temporary folder."""

from __future__ import annotations

import atexit
import os
import pwd
import shutil
import subprocess
import tempfile
from functools import lru_cache
from itertools import count
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

_FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=200")
_NAMES = count(1)


def installed() -> Path | None:
    """The folder of the server's programs, the newest first; they are in no ``PATH`` on Debian."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"), key=lambda file: int(file.parts[-3]))
    on_path = shutil.which("pg_ctl")
    return found[-1].parent if found else Path(on_path).parent if on_path else None


class Server:
    """A cluster in a temporary folder, without a port: nobody else gets in, unless it listens at an `address`."""

    def __init__(self, programs: Path, address: str = "") -> None:
        self._programs, self._address = programs, address
        self.folder = Path(tempfile.mkdtemp(prefix="pg-"))
        self._data = self.folder / "data"
        # It refuses to run as root, so it runs as somebody who owns nothing else.
        self._user = next(filter(_exists, ("postgres", "nobody"))) if os.getuid() == 0 else None
        if self._user:
            shutil.chown(self.folder, self._user)
        self._do(
            "initdb", "--no-sync", "--encoding=UTF8", "--locale=C.UTF-8", "--username=press", "--auth=trust"
        )
        if address:
            with (self._data / "pg_hba.conf").open("a") as rules:
                rules.write(f"host all press {address}/24 trust\n")
        self.start()

    def start(self) -> None:
        """Start it."""
        options = f"-k {self.folder} -c listen_addresses='{self._address}' " + " ".join(
            f"-c {each}" for each in _FAST
        )
        self._do("pg_ctl", "start", "-w", "-s", "-l", str(self.folder / "log"), "-o", options)

    def stop(self, how: str = "fast") -> None:
        """Stop it: ``immediate`` is as if it had been killed."""
        self._do("pg_ctl", "stop", "-w", "-s", "-m", how)

    def remove(self) -> None:
        """Stop it, and leave nothing behind."""
        self.stop("immediate")
        shutil.rmtree(self.folder)

    def url(self, name: str) -> str:
        """The URL of a database on it."""
        if self._address:
            return f"postgresql://press@{self._address}/{name}"
        return f"postgresql://press@/{name}?host={quote(str(self.folder), safe='')}"

    def create(self, *, template: str = "template0") -> str:
        """A new database; its URL."""
        name = f"site{next(_NAMES)}"
        make = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
            sql.Identifier(name), sql.Identifier(template)
        )
        self._say(make)
        return self.url(name)

    def drop(self, url: str) -> None:
        """Remove a database, whoever is connected to it."""
        name = url.rpartition("/")[2].partition("?")[0]
        self._say(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    def _say(self, statement: sql.Composed) -> None:
        with psycopg.connect(
            f"postgresql://press@/postgres?host={self.folder}", autocommit=True
        ) as connection:
            connection.execute(statement)

    def _do(self, program: str, *words: str) -> None:
        command = [str(self._programs / program), "-D", str(self._data), *words]
        outcome = subprocess.run(
            command,
            user=self._user,
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE if program == "initdb" else subprocess.DEVNULL,
            check=False,
            timeout=60,
        )
        assert outcome.returncode == 0, (command, outcome.stderr)


def _exists(user: str) -> bool:
    try:
        return bool(pwd.getpwnam(user))
    except KeyError:
        return False


@lru_cache(maxsize=1)
def server() -> Server:
    """The one that all tests share, whose programs are installed; it ends with them."""
    programs = installed()
    assert programs is not None
    started = Server(programs)
    atexit.register(started.remove)
    return started
