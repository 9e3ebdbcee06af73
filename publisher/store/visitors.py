"""Who comes by the web: the owner's sessions, and services that fetch feeds for others."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import delete, select

from publisher.model import Fetcher
from publisher.store import tables as t
from publisher.store.connected import Connected
from publisher.store.dialects import insert_into

_SESSIONS = 20
"""Sessions that may be open at once; the one that ends first makes room."""
_FETCHERS = 5_000
"""Rows about services: anybody may call himself one, and none of them may fill the disk."""


class Visitors(Connected):
    """What is remembered of those who come by the web."""

    def begin_session(self, hashed: str, until: datetime, now: datetime) -> None:
        """Remember who signed in, by a hash; sessions that are over are forgotten."""
        session = t.session
        with self._transaction() as connection:
            connection.execute(delete(session).where(session.c.until_at <= now))
            last = select(session.c.hash).order_by(session.c.until_at.desc()).limit(_SESSIONS - 1)
            connection.execute(delete(session).where(session.c.hash.not_in(last)))
            connection.execute(
                insert_into(connection, session).values(hash=hashed, until_at=until).on_conflict_do_nothing()
            )

    def session_is_open(self, hashed: str, now: datetime) -> bool:
        """Whether a session was begun and is not over."""
        if self._engine is None:
            return False
        session = t.session
        query = select(session.c.hash).where(session.c.hash == hashed, session.c.until_at > now)
        with self._reading() as connection:
            return connection.execute(query).first() is not None

    def end_session(self, hashed: str) -> None:
        """Forget a session."""
        with self._transaction() as connection:
            connection.execute(delete(t.session).where(t.session.c.hash == hashed))

    def record_fetchers(self, seen: Iterable[Fetcher], forgotten: datetime) -> None:
        """Remember what services said last; what was said before `forgotten` is forgotten."""
        fetcher = t.fetcher
        rows = [
            {"feed": each.feed, "name": each.name, "readers": each.readers, "at": each.at} for each in seen
        ]
        with self._transaction() as connection:
            connection.execute(delete(fetcher).where(fetcher.c.at < forgotten))
            if rows:
                put = insert_into(connection, fetcher)
                last = {"readers": put.excluded.readers, "at": put.excluded.at}
                put = put.on_conflict_do_update(index_elements=["feed", "name"], set_=last)
                connection.execute(put, rows)
            kept = select(fetcher.c.at).order_by(fetcher.c.at.desc()).limit(1).offset(_FETCHERS)
            if (oldest := connection.execute(kept).scalar()) is not None:
                connection.execute(delete(fetcher).where(fetcher.c.at <= oldest))

    def fetchers(self, since: datetime) -> list[Fetcher]:
        """Services that fetched a feed since then."""
        if self._engine is None:
            return []
        fetcher = t.fetcher
        query = select(fetcher).where(fetcher.c.at >= since).order_by(fetcher.c.feed, fetcher.c.name)
        with self._reading() as connection:
            return [Fetcher(row.feed, row.name, row.readers, row.at) for row in connection.execute(query)]
