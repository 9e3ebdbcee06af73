"""Records for people and for machines, each with the run that it belongs to."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from publisher import log

NOW = datetime(2026, 11, 24, 4, tzinfo=UTC)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    levels = {name: logging.getLogger(name).level for name in log._LOUD}
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    for name, before in levels.items():
        logging.getLogger(name).setLevel(before)


def said(form: log.Form, stream: io.StringIO | None = None) -> str:
    stream = stream or io.StringIO()
    log.set_up(logging.INFO, form, stream=stream)
    with log.run(NOW):
        logging.getLogger("publisher.x").info(
            "run", extra={"done": {"added": 1200, "sent": 3}, "at_moment": NOW}
        )
    logging.getLogger("publisher.x").warning("a seed of %s\nlines", 2)
    logging.getLogger("publisher.x").debug("not wanted")
    logging.getLogger("uvicorn.error").info("not wanted")
    return stream.getvalue()


def test_a_line_of_json_has_the_phrase_the_fields_and_the_run() -> None:
    first, second = [json.loads(line) for line in said("json").splitlines()]
    assert first.pop("run").startswith("20261124T040000Z-")
    assert first.pop("at").endswith("Z")
    assert first == {
        "level": "info",
        "message": "run",
        "logger": "publisher.x",
        "done": {"added": 1200, "sent": 3},
        "at_moment": "2026-11-24T04:00:00+00:00",
    }
    assert second["message"] == "a seed of 2\nlines"
    assert "run" not in second


def test_a_line_for_people_is_short() -> None:
    first, *rest = said("text").splitlines()
    assert first[8:] == "  run  1,200 added, 3 sent  at_moment: 2026-11-24T04:00:00+00:00"
    assert rest[0][8:] == "  warning: a seed of 2"


def test_auto_is_text_on_a_terminal_and_in_the_journal_and_json_elsewhere(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("JOURNAL_STREAM", raising=False)
    assert said("auto").startswith("{")
    assert "  run  1,200 added" in said("auto", Terminal())
    monkeypatch.setenv("JOURNAL_STREAM", "8:1")
    assert said("auto").splitlines() == [
        "<6>run  1,200 added, 3 sent  at_moment: 2026-11-24T04:00:00+00:00",
        "<4>warning: a seed of 2",
        "<4>lines",
    ]


def test_a_bug_has_its_traceback_in_the_record() -> None:
    stream = io.StringIO()
    log.set_up(logging.INFO, "json", stream=stream)
    try:
        raise ZeroDivisionError("x")
    except ZeroDivisionError:
        logging.getLogger("publisher").exception("a bug")
    (record,) = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert record["traceback"].startswith("Traceback")
    assert record["traceback"].endswith("ZeroDivisionError: x")


def test_a_field_cannot_take_the_place_of_what_every_record_has() -> None:
    stream = io.StringIO()
    log.set_up(logging.INFO, "json", stream=stream)
    logging.getLogger("publisher").info("x", extra={"level": "mine", "logger": "mine"})
    record = json.loads(stream.getvalue())
    assert (record["level"], record["logger"]) == ("info", "publisher")
