"""Facts → the text that Prometheus reads. The only door to prometheus_client, which is imported when first asked.

Figures are taken when they are asked for, from the same facts as everything else; nothing is counted
twice. Counters are of this process and begin at 0 with it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from publisher import __version__
from publisher.model import Facts

if TYPE_CHECKING:
    from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
"""The format (Prometheus text exposition 0.0.4)."""


def text(facts: Facts) -> bytes:
    """The figures of a site and of this process."""
    from prometheus_client import GCCollector, PlatformCollector, ProcessCollector, generate_latest
    from prometheus_client.registry import Collector, CollectorRegistry

    class Site(Collector):
        """Gives what the facts say, once."""

        def collect(self) -> Iterator[Metric]:
            """See `prometheus_client.registry.Collector`."""
            return _figures(facts)

    registry = CollectorRegistry()
    for collector in (ProcessCollector, PlatformCollector, GCCollector):
        collector(registry=registry)
    registry.register(Site())
    return bytes(generate_latest(registry))


def _figures(facts: Facts) -> Iterator[Metric]:
    from prometheus_client.core import CounterMetricFamily as Counter
    from prometheus_client.core import GaugeMetricFamily as Gauge

    def gauge(name: str, help_: str, value: float | None) -> Iterator[Metric]:
        if value is not None:
            yield Gauge(f"publisher_{name}", help_, value)

    yield _labelled(Gauge("publisher_build_info", "The version.", labels=["version"]), {__version__: 1})
    up = {name: float(works) for name, works in facts.parts.items()}
    yield _labelled(Gauge("publisher_part_up", "Whether a part of the process works.", labels=["part"]), up)
    yield from gauge("database_up", "Whether the database answers.", float(not facts.fault))
    next_ = {name: when.timestamp() for name, when in facts.upcoming}
    moments = "When a schedule wakes the site next, in seconds since 1970."
    yield _labelled(Gauge("publisher_next_run_timestamp_seconds", moments, labels=["schedule"]), next_)
    if pulse := facts.pulse:
        yield Counter("publisher_runs", "Runs.", pulse.runs)
        yield Counter("publisher_runs_failed", "Runs of which something failed.", pulse.failed)
        yield from gauge("run_broken", "Whether the last run could not do its work.", float(pulse.broken))
        yield from gauge("last_run_timestamp_seconds", "When the last run ended.", _seconds(pulse.ended))
        yield from gauge("last_run_seconds", "What the last run took.", pulse.seconds)
        did = Counter("publisher_done", "What runs did, by what they did it to.", labels=["what"])
        yield _labelled(did, {what.replace(" ", "_"): number for what, number in pulse.counts.items()})
    yield from gauge("run_under_way", "Whether a run is under way.", float(facts.progress is not None))
    if facts.fault:
        return
    people = Gauge("publisher_subscribers", "Subscribers by state.", labels=["state"])
    yield _labelled(people, facts.subscribers)
    for name, help_, number in (
        ("articles", "Articles that are out.", facts.articles),
        ("editions", "Editions that were recorded.", facts.editions),
        ("editions_held", "Editions that wait for a person.", len(facts.held)),
        ("quarantined_seeds", "Seeds that cannot be read.", facts.quarantined),
        ("deliveries_due", "Deliveries that are due and have not left.", facts.waiting),
        ("hub_pings_waiting", "What hubs are still to be told.", facts.pings),
    ):
        yield from gauge(name, help_, number)
    due = "Since when the oldest delivery that has not left is due."
    yield from gauge("deliveries_due_since_timestamp_seconds", due, _seconds(facts.waiting_since))
    yield from _of_workers(facts)
    yield Counter("publisher_messages_sent", "Messages that a transport took, ever.", facts.sent)
    took = Counter("publisher_relay_messages", "Messages that a relay took, ever.", labels=["relay"])
    yield _labelled(took, facts.relays)


def _of_workers(facts: Facts) -> Iterator[Metric]:
    from prometheus_client.core import CounterMetricFamily as Counter
    from prometheus_client.core import GaugeMetricFamily as Gauge

    if facts.workers is None:
        return
    yield Gauge("publisher_workers", "Workers that are alive.", facts.workers)
    depth = Gauge("publisher_jobs", "Jobs by queue and state.", labels=["queue", "state"])
    age = Gauge("publisher_jobs_oldest_seconds", "How long the oldest job waits.", labels=["queue"])
    for queue in facts.queues:
        for state, number in (
            ("waiting", queue.waiting),
            ("under_way", queue.under_way),
            ("failed", queue.failed),
        ):
            depth.add_metric([queue.name, state], number)
        age.add_metric([queue.name], (facts.now - queue.since).total_seconds() if queue.since else 0)
    jobs = Counter("publisher_worker_jobs", "Jobs that a worker did.", labels=["worker", "queue"])
    seconds = Counter("publisher_worker_seconds", "What they took it.", labels=["worker", "queue"])
    for labour in facts.labour:
        jobs.add_metric([labour.worker, labour.queue], labour.jobs)
        seconds.add_metric([labour.worker, labour.queue], labour.seconds)
    yield from (depth, age, jobs, seconds)


def _labelled(family: CounterMetricFamily | GaugeMetricFamily, values: Mapping[str, float]) -> Metric:
    """A family with one value for each label."""
    for label, value in values.items():
        family.add_metric([label], value)
    return family


def _seconds(moment: datetime | None) -> float | None:
    return moment.timestamp() if moment else None
