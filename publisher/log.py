"""Logging by the standard library: a fixed phrase, with the data in fields. For people, or as JSON by the line.

Every record that is made during a run has the identity of that run as a field.
"""

from __future__ import annotations

import json
import logging
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import IO, Literal

Form = Literal["auto", "text", "json"]

_RUN: ContextVar[str] = ContextVar("run", default="")
_OWN = frozenset([*logging.makeLogRecord({}).__dict__, "message", "asctime", "taskName"])
_LOUD = ("alembic", "apscheduler", "asyncio", "procrastinate", "psycopg", "uvicorn", "watchfiles")
"""Libraries that tell more than an owner wants to read; their warnings are heard."""
_PRIORITIES = ((logging.ERROR, 3), (logging.WARNING, 4), (logging.INFO, 6), (0, 7))
"""Levels as syslog has them, for the journal (sd-daemon(3))."""


@contextmanager
def run(began: datetime) -> Iterator[None]:
    """Give every record meanwhile the identity of the run that began then in this process."""
    token = _RUN.set(f"{began.astimezone(UTC):%Y%m%dT%H%M%SZ}-{os.getpid()}")
    try:
        yield
    finally:
        _RUN.reset(token)


def set_up(level: int, form: Form = "text", *, stream: IO[str] | None = None) -> None:
    """Send the program's own messages from `level` upwards to stderr.

    `auto` is text on a terminal and in the journal of systemd, JSON elsewhere.
    """
    stream = stream or sys.stderr
    journal = "JOURNAL_STREAM" in os.environ and not stream.isatty()
    text = form == "text" or (form == "auto" and (journal or stream.isatty()))
    handler = logging.StreamHandler(stream)
    handler.setFormatter(Text(journal=journal) if text else Json())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name in _LOUD:
        logging.getLogger(name).setLevel(max(level, logging.WARNING))


def fields_of(record: logging.LogRecord) -> dict[str, object]:
    """The data of a record, by name."""
    return {name: value for name, value in record.__dict__.items() if name not in _OWN}


class Text(logging.Formatter):
    """One line for people: the time on this machine, the phrase, the fields. The journal has its own time."""

    def __init__(self, *, journal: bool) -> None:
        super().__init__()
        self._journal = journal

    def format(self, record: logging.LogRecord) -> str:
        """See `logging.Formatter.format`."""
        facts = [_fact(name, value) for name, value in fields_of(record).items()]
        level = "" if record.levelno <= logging.INFO else f"{record.levelname.lower()}: "
        line = "  ".join([f"{level}{record.getMessage()}", *(fact for fact in facts if fact)])
        if record.exc_info:
            line += "\n" + self.formatException(record.exc_info)
        if self._journal:
            priority = next(number for least, number in _PRIORITIES if record.levelno >= least)
            return "\n".join(f"<{priority}>{part}" for part in line.split("\n"))
        return f"{datetime.fromtimestamp(record.created).astimezone():%H:%M:%S}  {line}"


class Json(logging.Formatter):
    """One object by the line: `at` (UTC), `level`, `message`, `logger`, `run`, and the fields."""

    def format(self, record: logging.LogRecord) -> str:
        """See `logging.Formatter.format`."""
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        told: dict[str, object] = {
            "at": at.replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "message": record.getMessage(),
            "logger": record.name,
        }
        if _RUN.get():
            told["run"] = _RUN.get()
        told |= {name: value for name, value in fields_of(record).items() if name not in told}
        if record.exc_info:
            told["traceback"] = self.formatException(record.exc_info)
        return json.dumps(told, ensure_ascii=False, default=_plain)


def _fact(name: str, value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{number:,} {what}" for what, number in value.items())
    return f"{name}: {_plain(value)}"


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
