"""The messages of a run that wait."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from mailings import outgoing

from publisher.mailing.outgoing import Outgoing
from publisher.mailing.smtp.waiting import Waiting


def source(count: int, asked: list[int]) -> Iterator[Outgoing]:
    for number in range(count):
        asked.append(number)
        yield outgoing(number)


def never(error: BaseException) -> None:
    raise AssertionError(error)


def numbers(waiting: Waiting) -> list[int]:
    found = []
    while (message := waiting.take()) is not None:
        found.append(message.key[1])
    return found


def test_it_asks_for_no_more_than_it_needs() -> None:
    asked: list[int] = []
    waiting = Waiting(source(10, asked), never)
    assert waiting.ahead(3) == 3
    assert asked == [0, 1, 2]
    assert waiting.take() is not None
    assert asked == [0, 1, 2]
    assert waiting.open == 3
    assert numbers(waiting) == list(range(1, 10))
    assert waiting.open == 10
    assert waiting.ahead(5) == 0


def test_what_comes_back_is_next_but_not_for_ever() -> None:
    waiting = Waiting(source(5, []), never)
    message = waiting.take()
    assert message is not None
    for back in (True, True, False):
        assert waiting.give_back(message) == back
        if back:
            assert waiting.take() is message
    assert numbers(waiting) == [1, 2, 3, 4]


def test_after_it_is_closed_it_asks_for_nothing() -> None:
    asked: list[int] = []
    waiting = Waiting(source(10, asked), never)
    waiting.ahead(3)
    assert [message.key[1] for message in waiting.close()] == [0, 1, 2]
    assert waiting.ahead(1) == 0
    assert waiting.take() is None
    assert asked == [0, 1, 2]


def test_what_the_source_raises_is_heard_first() -> None:
    heard: list[BaseException] = []

    def broken() -> Iterator[Outgoing]:
        yield outgoing(0)
        raise OSError("gone")

    waiting = Waiting(broken(), heard.append)
    assert waiting.ahead(1) == 1
    with pytest.raises(OSError, match="gone"):
        waiting.ahead(2)
    assert [str(error) for error in heard] == ["gone"]
