"""Logging by the standard library: a fixed phrase, with the data in fields."""

from __future__ import annotations

import logging


def set_up(verbose: bool, debug: bool) -> None:
    """Send the program's own messages to stderr: warnings, more with `verbose`, all with `debug`."""
    level = logging.DEBUG if debug else logging.INFO if verbose else logging.WARNING
    logging.basicConfig(level=level, format="%(levelname)s %(name)s: %(message)s")
    logging.getLogger("apscheduler").setLevel(max(level, logging.WARNING))
    logging.getLogger("alembic").setLevel(max(level, logging.WARNING))
