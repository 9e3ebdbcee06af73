"""The figures as Prometheus reads them, with its own parser."""

from __future__ import annotations

from datetime import UTC, datetime

from prometheus_client.parser import text_string_to_metric_families

from publisher import __version__
from publisher.metrics import text
from publisher.model import Facts, Pulse

NOW = datetime(2026, 11, 24, 4, tzinfo=UTC)
FACTS = Facts(
    NOW,
    {"scheduler": True, "web server": False},
    Pulse(NOW, NOW, NOW, NOW, 1.5, 7, 2, ("x",), counts={"files written": 12, "sent": 3}),
    upcoming=(("feeds", NOW), ('digest "a"\n', NOW)),
    articles=100,
    editions=4,
    quarantined=2,
    subscribers={"active": 40, "pending": 3},
    waiting=5,
    waiting_since=NOW,
    held=("digests/daily/2026-11-24/",),
    pings=1,
    relays={"smtp": 20, "mx.example.org": 880},
)


def figures(facts: Facts) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text(facts).decode())
        for sample in family.samples
    }


def test_every_fact_is_a_figure() -> None:
    found = {key: value for key, value in figures(FACTS).items() if key[0].startswith("publisher_")}
    moment = NOW.timestamp()
    assert found == {
        ("publisher_build_info", (("version", __version__),)): 1,
        ("publisher_part_up", (("part", "scheduler"),)): 1,
        ("publisher_part_up", (("part", "web server"),)): 0,
        ("publisher_database_up", ()): 1,
        ("publisher_next_run_timestamp_seconds", (("schedule", "feeds"),)): moment,
        ("publisher_next_run_timestamp_seconds", (("schedule", 'digest "a"\n'),)): moment,
        ("publisher_runs_total", ()): 7,
        ("publisher_runs_failed_total", ()): 2,
        ("publisher_run_broken", ()): 0,
        ("publisher_last_run_timestamp_seconds", ()): moment,
        ("publisher_last_run_seconds", ()): 1.5,
        ("publisher_done_total", (("what", "files_written"),)): 12,
        ("publisher_done_total", (("what", "sent"),)): 3,
        ("publisher_run_under_way", ()): 0,
        ("publisher_subscribers", (("state", "active"),)): 40,
        ("publisher_subscribers", (("state", "pending"),)): 3,
        ("publisher_articles", ()): 100,
        ("publisher_editions", ()): 4,
        ("publisher_editions_held", ()): 1,
        ("publisher_quarantined_seeds", ()): 2,
        ("publisher_deliveries_due", ()): 5,
        ("publisher_hub_pings_waiting", ()): 1,
        ("publisher_deliveries_due_since_timestamp_seconds", ()): moment,
        ("publisher_messages_sent_total", ()): 900,
        ("publisher_relay_messages_total", (("relay", "mx.example.org"),)): 880,
        ("publisher_relay_messages_total", (("relay", "smtp"),)): 20,
    }


def test_a_database_that_does_not_answer_gives_no_false_figures() -> None:
    found = figures(Facts(NOW, fault="locked"))
    assert found["publisher_database_up", ()] == 0
    assert not any(name.startswith("publisher_articles") for name, _ in found)


def test_the_process_tells_of_itself() -> None:
    assert figures(FACTS)["process_resident_memory_bytes", ()] > 1e6
