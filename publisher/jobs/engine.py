"""Jobs in PostgreSQL, kept by Procrastinate. Its only door.

A job is put up in the transaction that records what it is about, so neither is there without the other. It says
what is to be looked at and never what was decided: done twice, or by two, it does no harm.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from publisher.errors import StoreError
from publisher.jobs.board import TABLES
from publisher.store import postgres

if TYPE_CHECKING:
    from procrastinate import App, JobContext
    from procrastinate.jobs import Job
    from procrastinate.worker import Worker
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
_NEVER = 1e9
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

    app, in_hand = _app(url), set[int]()
    for kind, do in tasks.items():
        app.task(name=kind, queue=kind, pass_context=True, retry=_retry())(_held(do, in_hand))
    try:
        asyncio.run(_worked(app, name, queues, partial(_keep_up, app, in_hand, beat), stop))
    except (ConnectorException, psycopg.Error, OSError) as error:
        raise StoreError(f"the queue does not answer: {error.__cause__ or error}") from error


def _held(do: Callable[..., None], in_hand: set[int]) -> Callable[..., None]:
    """Do a job, known as one that is in hand."""

    def held(context: JobContext, **arguments: Any) -> None:
        number = context.job.id or 0
        in_hand.add(number)
        try:
            do(context, **arguments)
        finally:
            in_hand.discard(number)

    return held


async def _worked(
    app: App,
    name: str,
    queues: Sequence[str],
    keep_up: Callable[[Worker], Coroutine[Any, Any, None]],
    stop: _Telling,
) -> None:
    from procrastinate.worker import Worker

    loop = asyncio.get_running_loop()
    async with app.open_async():
        worker = Worker(
            app,
            queues=list(queues),
            name=name,
            concurrency=1,
            fetch_job_polling_interval=1.0,
            update_heartbeat_interval=_NEVER,
            stalled_worker_timeout=LOST,
            delete_jobs="successful",
            install_signal_handlers=False,
        )
        run: Any = worker.run
        work, upkeep = asyncio.ensure_future(run()), asyncio.ensure_future(keep_up(worker))
        try:
            with stop(lambda: loop.call_soon_threadsafe(work.cancel)), suppress(asyncio.CancelledError):
                await work
        finally:
            upkeep.cancel()


async def _keep_up(app: App, in_hand: set[int], beat: Callable[[], object], worker: Worker) -> None:
    """Every few seconds give a sign of life, and put up again what was lost; each looks after all.

    The library's own sign of life ends for good at the first connection that breaks, without anybody's notice.
    """
    from procrastinate.exceptions import ProcrastinateException

    dropped = set[int]()
    while True:
        await asyncio.sleep(HEARTBEAT)
        with suppress(ProcrastinateException):  # no connection now
            dropped = await _look_after(app, in_hand, worker, dropped)
            await app.job_manager.delete_old_jobs(nb_hours=_KEPT, include_failed=True)
        with suppress(StoreError):  # no connection now
            await asyncio.to_thread(beat)


async def _look_after(app: App, in_hand: set[int], worker: Worker, dropped: set[int]) -> set[int]:
    """Put up again what lost workers had, and what this one is said to have and has not had twice: `dropped`.

    Such a job was given out, or was over, at the moment when the connection broke. Its worker lives, and
    nobody else would ever take it up. Gives what is seen like that for the first time.
    """
    manager, mine = app.job_manager, worker.worker_id
    if mine is None:
        return set()
    await manager.update_heartbeat(mine)
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=LOST):
        await _put_up_again(app, job, "a worker was lost")
    said = await manager.list_jobs_async(status="doing", worker_id=mine)
    seen = {job.id: job for job in said if job.id is not None and job.id not in in_hand}
    for number in seen.keys() & dropped:
        await _put_up_again(app, seen.pop(number), "a job was lost with a connection")
    return set(seen)


async def _put_up_again(app: App, job: Job, why: str) -> None:
    from procrastinate.exceptions import ProcrastinateException

    with suppress(ProcrastinateException):  # another worker was quicker
        await app.job_manager.retry_job(job)
        _LOG.warning(why, extra={"job": job.call_string})


def _retry() -> Any:
    from procrastinate import RetryStrategy

    return RetryStrategy(max_attempts=_ATTEMPTS, wait=_PAUSE)


def _app(url: str = "") -> App:
    from procrastinate import App, PsycopgConnector

    return App(connector=PsycopgConnector(conninfo=url, kwargs=dict(postgres.ARGUMENTS)))
