"""Days in the life of a shared-out site on which somebody is killed at a moment that nobody chose.

`make fault` lets it live for a month.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from datetime import datetime, timedelta
from random import Random

from conftest import NOW, Site
from sinks import Faults, Sink
from test_killed import enrol
from test_workers import Hired, eventually
from test_workers import here as here
from test_workers import hired as hired
from test_workers import small as small
from test_workers import there as there
from test_workers import url as url

from publisher.model import DeliveryState
from publisher.store import Store

DAYS = 30 if os.environ.get("PUBLISHER_FAULT") == "full" else 3
READERS, CONNECTIONS = 40, 2
PLANNER = """
import publisher.gathering as reading, publisher.writing as writing, sys
reading.WORTH_IT = writing.WORTH_IT = 1
reading._SHARD = 3
from publisher.cli import main
main()
"""


def planner(site: Site, at: datetime) -> subprocess.Popen[bytes]:
    words = ["-c", str(site.root / "config.toml"), "--at", at.isoformat()]
    quiet = subprocess.DEVNULL
    return subprocess.Popen([sys.executable, "-c", PLANNER, *words], stdout=quiet, stderr=quiet)


def news(site: Site, day: int, at: datetime) -> None:
    """What a newsroom does in a day: some articles more, one that is corrected, one that is withdrawn."""
    for number in range(8):
        date = f"{at - timedelta(days=1):%H:%M %d/%m/%Y}"
        site.article(
            f"day-{day}-{number}.txt", f"Ngày {day} tin {number}", f"Giao thông, lần {number}.", date
        )
    if day:
        site.article(f"day-{day - 1}-1.txt", f"Ngày {day - 1} tin 1", "Đã sửa: Kiến An.", "09:00 01/06/2023")
        (site.seeds / f"day-{day - 1}-2.txt").unlink()


def test_whoever_dies_the_output_is_the_same_and_nobody_is_left_out(
    here: Site, there: Site, hired: Hired
) -> None:
    rng, kills = Random(20261127), 0
    here.change('recipients = ["desk@example.org"]', "recipients = []")
    here.change(
        'sender = "Tin thử <news@example.org>"',
        'sender = "Tin thử <news@example.org>"\ntransport = "smtp"\n\n'
        f'[mail.smtp]\nhost = "127.0.0.1"\nport = 1\nconnections = {CONNECTIONS}',
    )
    enrol(here, READERS)
    with Sink(Faults(delay=0.005)) as sink:
        here.change("port = 1", f"port = {sink.port}")
        workers = [hired.hire("--concurrency", str(number)) for number in (1, 2)]
        hired.here(3)
        for day in range(DAYS):
            at = NOW - timedelta(days=DAYS - day)
            news(here, day, at), news(there, day, at)
            there.run(at)
            for _ in range(2):
                run = planner(here, at)
                time.sleep(rng.uniform(0.5, 3.5))
                victim = rng.choice([run, *workers])
                victim.send_signal(signal.SIGKILL)
                victim.wait()
                kills += 1
                if victim is not run:
                    workers.remove(victim)
                    workers.append(hired.hire("--concurrency", str(rng.choice([1, 2]))))
                run.wait(90)
            assert here.run(at).failures == []
            assert here.bytes_of(here.output) == there.bytes_of(there.output)
        store = Store.open(here.config.database_at)
        eventually(lambda: store.delivery_counts() == {DeliveryState.SENT: DAYS * READERS}, 90)
        times = Counter(sink.names)
    assert store.edition_count() == DAYS
    assert len(times) == DAYS * READERS
    assert sum(number - 1 for number in times.values()) <= kills * CONNECTIONS
