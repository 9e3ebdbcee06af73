"""Shards that a run handed out, and what became of them; who works, and what he did. Tables in PostgreSQL.

::

    publisher_order ─┬─ publisher_shard: put up ─ take ─▶ taken ─ finish ─▶ done ─ gather ─▶ gone
                     └─ what its shards have in common                     (or release ─▶ put up)
    publisher_worker   who takes jobs of which queue, when he gave a sign of life last, and what he did

None of it is the site's memory: a crash of the server empties orders and shards (they are not logged), and
then whoever waits for them does them himself.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, NamedTuple

from publisher.errors import StoreError
from publisher.model import Labour, Queue
from publisher.store import postgres

if TYPE_CHECKING:
    from psycopg import Connection

TABLES = """
CREATE UNLOGGED TABLE IF NOT EXISTS publisher_order (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind text NOT NULL, rules text NOT NULL, sign text NOT NULL, content bytea NOT NULL);
CREATE UNLOGGED TABLE IF NOT EXISTS publisher_shard (
    order_id bigint NOT NULL REFERENCES publisher_order ON DELETE CASCADE, number integer NOT NULL,
    content bytea NOT NULL, taken_at timestamptz, done bytea, PRIMARY KEY (order_id, number));
CREATE TABLE IF NOT EXISTS publisher_worker (
    name text NOT NULL, queue text NOT NULL, jobs bigint NOT NULL, seconds double precision NOT NULL,
    seen_at timestamptz NOT NULL, gone boolean NOT NULL, PRIMARY KEY (name, queue));"""
_NO_PACKING = """
DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_attribute WHERE attrelid = 'publisher_shard'::regclass
               AND attname IN ('content', 'done') AND attstorage <> 'e') THEN
        ALTER TABLE publisher_shard ALTER content SET STORAGE EXTERNAL, ALTER done SET STORAGE EXTERNAL;
    END IF;
END $$;"""
"""What is there for seconds is not worth being packed by the server."""
TABLES += _NO_PACKING
_TAKE = """
UPDATE publisher_shard SET taken_at = now() WHERE order_id = %s AND number = %s AND (taken_at IS NULL OR %s)
RETURNING content"""
_TAKE_ANY = """
UPDATE publisher_shard SET taken_at = now() WHERE order_id = %(order)s AND number = (
    SELECT number FROM publisher_shard WHERE order_id = %(order)s AND taken_at IS NULL
    ORDER BY number LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING number"""
_RELEASE = "UPDATE publisher_shard SET taken_at = NULL WHERE order_id = %s AND number = %s"
_FINISH = "UPDATE publisher_shard SET done = %s WHERE order_id = %s AND number = %s"
_GATHER = "DELETE FROM publisher_shard WHERE order_id = %s AND done IS NOT NULL RETURNING number, done"
_STALE = """
UPDATE publisher_shard SET taken_at = now() WHERE order_id = %s AND number = %s AND done IS NULL
AND taken_at < now() - make_interval(secs => %s) RETURNING number"""
_WORKED = """
INSERT INTO publisher_worker AS known VALUES (%s, %s, %s, %s, now(), false)
ON CONFLICT (name, queue) DO UPDATE SET
    jobs = known.jobs + excluded.jobs, seconds = known.seconds + excluded.seconds, seen_at = now(), gone = false"""
_LEAVE = "UPDATE publisher_worker SET gone = true WHERE name = %s"
_LIVING = "FROM publisher_worker WHERE NOT gone AND seen_at > now() - make_interval(secs => %s)"
_FORGET = "DELETE FROM publisher_worker WHERE seen_at < now() - interval '7 days'"
_QUEUES = """
SELECT queue_name, count(*) FILTER (WHERE status = 'todo'), count(*) FILTER (WHERE status = 'doing'),
    count(*) FILTER (WHERE status = 'failed'), min(event.at) FILTER (WHERE status = 'todo')
FROM procrastinate_jobs AS job
LEFT JOIN procrastinate_events AS event ON event.job_id = job.id AND event.type = 'deferred'
GROUP BY queue_name ORDER BY queue_name"""
_HEARD_SOON = """
SELECT 1 FROM procrastinate_jobs AS job JOIN procrastinate_events AS event ON event.job_id = job.id
WHERE job.queue_name = 'bounces' AND job.status IN ('todo', 'doing') AND job.attempts = 0
AND event.type = 'deferred' AND event.at > now() - make_interval(secs => %s) LIMIT 1"""
_NO_JOBS = "DELETE FROM procrastinate_jobs WHERE status = 'todo' AND queue_name IN ('read', 'render')"
"""Jobs about shards of an order that is no more; there is one order at a time."""
_LABOUR = (
    "SELECT name, queue, jobs, seconds, seen_at FROM publisher_worker WHERE jobs > 0 ORDER BY name, queue"
)
_IN_FLIGHT = 5
"""The advisory lock that whoever does a shard shares; `publisher.store.postgres.TURN` is the one before it."""
_WHO = """
SELECT string_agg(DISTINCT application_name, ', ') FROM pg_locks JOIN pg_stat_activity USING (pid)
WHERE locktype = 'advisory' AND granted AND objsubid = 2 AND objid = %s
AND pg_locks.database = (SELECT oid FROM pg_database WHERE datname = current_database())"""
_PATIENCE = "30s"
"""For a worker to give back what it has in hand."""


class Order(NamedTuple):
    """What shards have in common.

    `rules` is the digest of what a worker must go by, too; `sign` was left in the output where it must see that.
    """

    kind: str
    rules: str
    sign: str
    content: bytes


class Board:
    """The board over one connection, each statement a transaction; `publisher.errors.StoreError` where none answers."""

    def __init__(self, connection: Connection[Any]) -> None:
        self.connection = connection

    @classmethod
    @contextmanager
    def at(cls, url: str, name: str = "publisher") -> Iterator[Board]:
        """Open it; `name` says who this is."""
        import psycopg

        with _outside(), psycopg.connect(url, autocommit=True, **_arguments(name)) as connection:
            yield cls(connection)

    def put_up(self, order: Order) -> int:
        """A new order; its number."""
        query = (
            "INSERT INTO publisher_order (kind, rules, sign, content) VALUES (%s, %s, %s, %s) RETURNING id"
        )
        return int(self._one(query, *order)[0])

    def clear(self) -> None:
        """Take down every order, and wait until nobody does a shard of one any more: half a minute at most.

        What somebody writes by an old plan must not come after what is written by the new one.
        """
        from psycopg.errors import LockNotAvailable

        self.connection.execute("DELETE FROM publisher_order")
        self.connection.execute(_NO_JOBS)
        try:
            with self.connection.transaction():
                self.connection.execute(f"SET LOCAL lock_timeout = '{_PATIENCE}'")
                self.connection.execute(f"SELECT pg_advisory_xact_lock({postgres.KEY}, {_IN_FLIGHT})")
        except LockNotAvailable:
            who = self._one(_WHO, _IN_FLIGHT)[0] or "a worker"
            hint = "wait, or stop that process if it hangs"
            raise StoreError(f"{who} has work of an earlier run in hand still", hint=hint) from None

    def take_down(self, order: int) -> None:
        """An order is done."""
        self.connection.execute("DELETE FROM publisher_order WHERE id = %s", (order,))
        self.connection.execute(_NO_JOBS)

    def hand_out(self, order: int, shards: Sequence[tuple[int, bytes]]) -> None:
        """Put up shards by number, in the transaction of the caller."""
        with self.connection.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO publisher_shard (order_id, number, content) VALUES (%s, %s, %s)",
                [(order, number, content) for number, content in shards],
            )

    def order(self, order: int) -> Order | None:
        """What shards of an order have in common; None where it was taken down."""
        row = self._one("SELECT kind, rules, sign, content FROM publisher_order WHERE id = %s", order)
        return Order(row[0], row[1], row[2], bytes(row[3])) if row else None

    def take(self, order: int, number: int, *, again: bool) -> bytes | None:
        """The shard, for who does it; None where somebody else has it, unless it is done `again`."""
        row = self._one(_TAKE, order, number, again)
        return bytes(row[0]) if row else None

    def take_any(self, order: int) -> int | None:
        """The number of the first shard that nobody has."""
        row = self.connection.execute(_TAKE_ANY, {"order": order}).fetchone()
        return int(row[0]) if row else None

    def take_over(self, order: int, number: int, seconds: float) -> bool:
        """Whether a shard was taken so long ago that its worker is given up; it is the caller's then."""
        return self._one(_STALE, order, number, seconds) is not None

    def release(self, order: int, number: int) -> None:
        """Put a shard back that was taken."""
        self.connection.execute(_RELEASE, (order, number))

    def finish(self, order: int, number: int, done: bytes) -> None:
        """What became of a shard; nothing where its order was taken down meanwhile."""
        self.connection.execute(_FINISH, (done, order, number))

    def gather(self, order: int) -> list[tuple[int, bytes]]:
        """What became of the shards that are done since it was asked last."""
        return [(number, bytes(done)) for number, done in self.connection.execute(_GATHER, (order,))]

    def worked(self, name: str, queue: str, seconds: float) -> None:
        """A worker did a job."""
        self.connection.execute(_WORKED, (name, queue, 1, seconds))

    def alive(self, name: str, queues: Sequence[str]) -> None:
        """A worker lives, and takes jobs of these queues."""
        with self.connection.transaction(), self.connection.cursor() as cursor:
            cursor.executemany(_WORKED, [(name, queue, 0, 0.0) for queue in sorted(queues)])

    def leave(self, name: str) -> None:
        """A worker takes no more jobs."""
        self.connection.execute(_LEAVE, (name,))

    def takers(self, seconds: float) -> dict[str, int]:
        """How many workers take jobs of each queue, of those that gave a sign of life within so many seconds."""
        query = f"SELECT queue, count(*) {_LIVING} GROUP BY queue"
        return dict(self.connection.execute(query, (seconds,)).fetchall())

    def workers(self, seconds: float) -> int:
        """How many workers there are, whatever they take."""
        return int(self._one(f"SELECT count(DISTINCT name) {_LIVING}", seconds)[0])

    def forget(self) -> None:
        """Forget workers that were not seen for a week."""
        self.connection.execute(_FORGET)

    def queues(self) -> tuple[Queue, ...]:
        """The jobs that there are."""
        rows = self.connection.execute(_QUEUES).fetchall()
        return tuple(Queue(name, todo, since, doing, failed) for name, todo, doing, failed, since in rows)

    def labour(self) -> tuple[Labour, ...]:
        """What workers did, of those that were seen within a week."""
        return tuple(Labour(*row) for row in self.connection.execute(_LABOUR).fetchall())

    def hears(self, seconds: float) -> bool:
        """Whether reports are being read, or about to be, for at most so many seconds and at the first try."""
        return self._one(_HEARD_SOON, seconds) is not None

    @contextmanager
    def in_flight(self) -> Iterator[None]:
        """Be seen as one who does a shard; see `clear`."""
        self.connection.execute(f"SELECT pg_advisory_lock_shared({postgres.KEY}, {_IN_FLIGHT})")
        try:
            yield
        finally:
            with suppress(Exception):  # a connection that broke has left the lock
                self.connection.execute(f"SELECT pg_advisory_unlock_shared({postgres.KEY}, {_IN_FLIGHT})")

    def _one(self, query: str, *values: object) -> Any:
        return self.connection.execute(query, values).fetchone()


class Standing:
    """The board of one who asks often: the connection stays from one time to the next, as long as all goes well."""

    def __init__(self, url: str, name: str) -> None:
        self._url, self._name = url, name
        self._connection: Connection[Any] | None = None

    @contextmanager
    def board(self) -> Iterator[Board]:
        """The board, for one job; `publisher.errors.StoreError` where the database does not answer."""
        with _outside():
            connection = self._opened()
            try:
                yield Board(connection)
            except BaseException:
                self.close()
                raise

    def close(self) -> None:
        """Let go of it, and of every lock."""
        if self._connection:
            self._connection.close()
        self._connection = None

    def _opened(self) -> Connection[Any]:
        import psycopg

        if self._connection:
            try:
                self._connection.execute("SELECT 1")
            except psycopg.Error:  # the server was started anew meanwhile
                self.close()
        if self._connection is None:
            self._connection = psycopg.connect(self._url, autocommit=True, **_arguments(self._name))
        return self._connection


@contextmanager
def _outside() -> Iterator[None]:
    import psycopg

    try:
        yield
    except psycopg.Error as error:
        raise postgres.outside(error) or StoreError(f"the database cannot be used: {error}") from error


def _arguments(name: str) -> dict[str, Any]:
    return {**postgres.ARGUMENTS, "application_name": name[:63]}
