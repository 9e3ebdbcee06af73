"""Jobs in PostgreSQL, kept by Procrastinate. Its only door.

A job is put up in the transaction that records what it is about, so neither is there without the other. It says
what is to be looked at and never what was decided: done twice, or by two, it does no harm.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from publisher.errors import StoreError
from publisher.jobs.board import TABLES
from publisher.store import postgres

if TYPE_CHECKING:
    from procrastinate import App
    from psycopg import Connection

_LOG = logging.getLogger(__name__)
_Telling = Callable[[Callable[[], object]], AbstractContextManager[None]]

QUEUES = ("read", "render", "deliver", "ping", "bounces")
"""A queue for each kind of job."""
ALONE = frozenset({"deliver", "ping", "bounces"})
"""Kinds of which one job at a time is done, on whatever machine: so a relay's limits hold for all together."""
_PRIORITY = {"read": 0, "render": 0, "deliver": 10, "ping": 5, "bounces": 15}
"""What people wait for goes before what a first build has put up by the thousand, and who must not be mailed before."""
HEARTBEAT, LOST = 5.0, 15.0
"""Seconds between two signs of life of a worker, and after which it is given up without one."""
_KEPT = 72
"""Hours for which jobs that failed stay to be looked at."""
_WAITS = "SELECT 1 FROM procrastinate_jobs WHERE queue_name = %s AND status = 'todo' LIMIT 1"
_ATTEMPTS, _PAUSE = 5, 10
"""A job that failed is tried so often, and again after so many seconds; the next run puts it up anew."""


def prepare(connection: Connection[Any]) -> None:
    """Make the tables of jobs where there are none; `publisher.errors.StoreError` where the library is missing."""
    try:
        from procrastinate.schema import SchemaManager
    except ModuleNotFoundError:
        fault = "work.engine: workers need the extra workers (procrastinate)"
        raise StoreError(fault, hint="pip install 'publisher[workers]'") from None

    with connection.transaction():
        connection.execute(f"SELECT pg_advisory_xact_lock({postgres.KEY}, {postgres.TURN})")
        if not is_prepared(connection):
            connection.execute(SchemaManager.get_schema().encode())
        connection.execute(TABLES)


def is_prepared(connection: Connection[Any]) -> bool:
    """Whether the tables of jobs are there."""
    found = connection.execute("SELECT to_regclass('procrastinate_jobs')").fetchone()
    return found not in (None, (None,))


def put_up(
    connection: Connection[Any],
    kind: str,
    arguments: Sequence[Mapping[str, Any]] = ({},),
    *,
    due: datetime | None = None,
) -> None:
    """Put up jobs in the transaction of a connection, one for each of the arguments; nobody takes them before `due`."""
    lock = kind if kind in ALONE else None
    first = _PRIORITY[kind]
    task = _app().configure_task(
        kind, queue=kind, priority=first, lock=lock, schedule_at=due, connection=connection
    )
    task.batch_defer(*map(dict, arguments))


def put_up_once(connection: Connection[Any], kind: str, seconds: float = 0.0) -> None:
    """Put up a job that is to be done in so many seconds, unless one waits already.

    So a job comes back that cannot be done now: one that is retried would count as failed, and hold up those behind.
    Two of them do no harm. A `queueing_lock` would: a job whose worker was lost could not be put up again while
    another one waits, and would hold up all others for ever.
    """
    if not connection.execute(_WAITS, (kind,)).fetchone():
        put_up(connection, kind, due=datetime.now(UTC) + timedelta(seconds=seconds) if seconds else None)


def run(
    url: str,
    name: str,
    tasks: Mapping[str, Callable[..., None]],
    queues: Sequence[str],
    beat: Callable[[], object],
    stop: _Telling,
) -> None:
    """Do jobs of these queues, one at a time, until it is time to stop; what is in hand is finished.

    `beat` is called every few seconds; `stop` gives a context in which what it is given is called when it is time.
    `publisher.errors.StoreError` where the database does not answer.
    """
    import psycopg
    from procrastinate.exceptions import ConnectorException

    app = _app(url)
    for kind, do in tasks.items():
        app.task(name=kind, queue=kind, pass_context=True, retry=_retry())(do)
    try:
        asyncio.run(_worked(app, name, queues, beat, stop))
    except (ConnectorException, psycopg.Error, OSError) as error:
        raise StoreError(f"the queue does not answer: {error.__cause__ or error}") from error


async def _worked(
    app: App, name: str, queues: Sequence[str], beat: Callable[[], object], stop: _Telling
) -> None:
    loop = asyncio.get_running_loop()
    async with app.open_async():
        work = asyncio.ensure_future(
            app.run_worker_async(
                queues=list(queues),
                name=name,
                concurrency=1,
                fetch_job_polling_interval=1.0,
                update_heartbeat_interval=HEARTBEAT,
                stalled_worker_timeout=LOST,
                delete_jobs="successful",
                install_signal_handlers=False,
            )
        )
        upkeep = asyncio.ensure_future(_keep_up(app, beat))
        try:
            with stop(lambda: loop.call_soon_threadsafe(work.cancel)), suppress(asyncio.CancelledError):
                await work
        finally:
            upkeep.cancel()


async def _keep_up(app: App, beat: Callable[[], object]) -> None:
    """Every few seconds give a sign of life, and put up again what a lost worker had; each looks after all."""
    from procrastinate.exceptions import ProcrastinateException

    while True:
        await asyncio.sleep(HEARTBEAT)
        with suppress(StoreError):  # no connection now
            await asyncio.to_thread(beat)
        with suppress(ProcrastinateException):  # no connection now
            for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=LOST):
                with suppress(ProcrastinateException):  # another worker was quicker
                    await app.job_manager.retry_job(job)
                    _LOG.warning("a worker was lost", extra={"job": job.call_string})
            await app.job_manager.delete_old_jobs(nb_hours=_KEPT, include_failed=True)


def _retry() -> Any:
    from procrastinate import RetryStrategy

    return RetryStrategy(max_attempts=_ATTEMPTS, wait=_PAUSE)


def _app(url: str = "") -> App:
    from procrastinate import App, PsycopgConnector

    return App(connector=PsycopgConnector(conninfo=url, kwargs=dict(postgres.ARGUMENTS)))
