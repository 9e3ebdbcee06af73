"""The history of subscribers: one row for each thing that happened."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, insert

from publisher.store import tables as t


def happened(connection: Connection, now: datetime, what: str, details: Mapping[int, str]) -> None:
    """Remember that something happened to subscribers, by number, to each with its detail."""
    rows = [
        {"subscriber": number, "at": now, "what": what, "detail": detail}
        for number, detail in details.items()
    ]
    if rows:
        connection.execute(insert(t.subscriber_event), rows)
