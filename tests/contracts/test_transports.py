"""What every transport promises, whatever carries the messages."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from mailings import Book, config, deliver, outgoing, relay
from sinks import Sink

from publisher.config import Config, Sendmail
from publisher.mailing.outgoing import Fate, Outgoing
from publisher.mailing.transports import TRANSPORTS

Arrived = Callable[[], list[tuple[str, str]]]

PROGRAM = """\
#!/bin/sh
# Keeps a message in a folder, by its recipient, and what it was called with beside it.
for last; do :; done
cat > "{folder}/$last.part" && mv "{folder}/$last.part" "{folder}/$last"
echo "$*" > "{folder}/$last.called"
"""


@pytest.fixture(params=sorted(TRANSPORTS))
def carried(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Config, Arrived]]:
    """A configuration, and what arrived: recipients and contents with lines as they are on disk."""
    if request.param == "smtp":
        with Sink(keep=True) as sink:
            yield (
                config(relay(sink), transport="smtp"),
                lambda: [
                    (who, what.replace(b"\r\n..", b"\r\n.").replace(b"\r\n", b"\n").decode())
                    for who, what in zip(sink.recipients, sink.contents, strict=True)
                ],
            )
        return
    folder = tmp_path / "arrived"
    if request.param == "maildir":
        yield (
            config(maildir=str(folder), transport="maildir"),
            lambda: [recipient(file) for file in in_new(folder)],
        )
        return
    folder.mkdir()
    program = tmp_path / "program"
    program.write_text(PROGRAM.format(folder=folder))
    program.chmod(0o755)
    yield (
        config(transport="sendmail", sendmail=Sendmail(command=(str(program), "-i"))),
        lambda: [(file.name, file.read_text("utf-8")) for file in folder.glob("*example.org")],
    )


def in_new(folder: Path) -> list[Path]:
    return list((folder / "new").iterdir()) if folder.exists() else []


def recipient(file: Path) -> tuple[str, str]:
    text = file.read_text("utf-8")
    return text.partition("To: ")[2].partition("\n")[0], text


def test_each_message_arrives_whole_and_is_known_to_leave_before(carried: tuple[Config, Arrived]) -> None:
    settings, arrived = carried

    class Witness(Book):
        def pass_(self, done, leaving) -> None:
            here = {who for who, _ in arrived()}
            self.faults += [
                f"{message.recipient} left early" for message in leaving if message.recipient in here
            ]
            super().pass_(done, leaving)

    messages = [outgoing(number) for number in range(30)]
    book = deliver(TRANSPORTS[settings.mail.transport](settings), iter(messages), Witness()).book
    assert book.fates == {"sent": 30}
    expected = {(each.recipient, each.write(True).replace(b"\r\n", b"\n").decode()) for each in messages}
    assert len(arrived()) == 30
    assert set(arrived()) == expected


def test_nothing_to_send_asks_nothing_of_the_gate(carried: tuple[Config, Arrived]) -> None:
    settings, arrived = carried
    assert deliver(TRANSPORTS[settings.mail.transport](settings), 0).book.calls == []
    assert arrived() == []


def test_a_gate_that_fails_lets_nothing_more_leave(carried: tuple[Config, Arrived]) -> None:
    settings, arrived = carried
    book = Book(fail_at=3)
    with pytest.raises(OSError, match="No space left"):
        deliver(TRANSPORTS[settings.mail.transport](settings), 100, book, open_ends=True)
    assert len(book.calls) == 3
    assert {who for who, _ in arrived()} <= {f"reader{number}@example.org" for _, number in book.left}


def test_a_source_that_fails_is_heard(carried: tuple[Config, Arrived]) -> None:
    settings, _ = carried

    def messages() -> Iterator[Outgoing]:
        yield outgoing(0)
        raise ValueError("the database is gone")

    with pytest.raises(ValueError, match="the database is gone"):
        deliver(TRANSPORTS[settings.mail.transport](settings), messages(), open_ends=True)


def test_a_message_that_would_break_out_is_named_and_stops_no_other(carried: tuple[Config, Arrived]) -> None:
    settings, arrived = carried
    file = settings.mail.transport == "maildir"  # which has no commands that anything could break out of
    messages = [
        outgoing(0),
        outgoing(1, raw=b"A: b\n.\nMAIL"),
        outgoing(2, recipient="a\nb@x.example"),
        outgoing(3),
    ]
    book = deliver(TRANSPORTS[settings.mail.transport](settings), iter(messages)).book
    assert [book.of(number).fate for number in range(4)] == [
        Fate.SENT,
        Fate.SENT if file else Fate.MESSAGE_REFUSED,
        Fate.SENT if file else Fate.RECIPIENT_REFUSED,
        Fate.SENT,
    ]
    assert len(arrived()) == (4 if file else 2)


def test_where_nothing_can_be_reached_what_was_taken_is_unsent(
    carried: tuple[Config, Arrived], tmp_path: Path
) -> None:
    settings, _ = carried
    (tmp_path / "file").write_text("no folder")
    with Sink() as closed:
        nowhere = {
            "maildir": config(maildir=str(tmp_path / "file")),
            "smtp": config(relay(closed.port)),
            "sendmail": config(sendmail=Sendmail(command=(str(tmp_path / "missing"),))),
        }
    sent = deliver(TRANSPORTS[settings.mail.transport](nowhere[settings.mail.transport]), 1000)
    assert set(sent.book.fates) == {"unsent"}
    assert len(sent.taken) <= 4
    assert all(outcome.answer for outcome in sent.book.outcomes.values())


def test_a_repeat_into_a_maildir_replaces(tmp_path: Path) -> None:
    maildir = TRANSPORTS["maildir"](config(maildir=str(tmp_path / "mail")))
    for _ in range(2):
        assert deliver(maildir, 3).book.fates == {"sent": 3}
    assert sorted(os.listdir(tmp_path / "mail" / "new")) == [f"m{n}_example.org" for n in range(3)]
    assert os.listdir(tmp_path / "mail" / "tmp") == []


@pytest.mark.parametrize(
    ("ending", "fate", "code", "answer"),
    [
        ("exit 0", Fate.SENT, 250, ""),
        ("echo 'unknown user' >&2; exit 67", Fate.RECIPIENT_REFUSED, 550, "5.1.1 unknown user"),
        ("exit 68", Fate.RECIPIENT_REFUSED, 550, "5.1.2 {program} ended with 68"),
        ("echo bad >&2; exit 65", Fate.MESSAGE_REFUSED, 554, "5.6.0 bad"),
        ("echo later >&2; exit 75", Fate.RECIPIENT_REFUSED, 450, "4.3.0 later"),
        ("exit 77", Fate.SENDER_REFUSED, 550, "5.7.1 {program} ended with 77"),
        ("printf 'no\\nqueue' >&2; exit 69", Fate.LOST, 451, "4.3.0 no queue"),
        ("exit 1", Fate.LOST, 451, "4.3.0 {program} ended with 1"),
        ("kill -9 $$", Fate.UNCERTAIN, 0, "{program} was ended by signal 9"),
        ("exec <&-; exit 0", Fate.SENT, 250, ""),
    ],
)
def test_how_the_program_ends_is_what_becomes_of_the_message(
    tmp_path: Path, ending: str, fate: Fate, code: int, answer: str
) -> None:
    program = tmp_path / "program"
    program.write_text(f"#!/bin/sh\n{ending}\n")
    program.chmod(0o755)
    outcome = deliver(TRANSPORTS["sendmail"](config(sendmail=Sendmail(command=(str(program),)))), 1).book.of(
        0
    )
    assert (outcome.fate, outcome.code) == (fate, code)
    assert outcome.answer == answer.format(program=program)


def test_a_program_that_fails_for_reasons_of_its_own_is_not_given_the_rest(tmp_path: Path) -> None:
    program = tmp_path / "program"
    program.write_text("#!/bin/sh\nexit 70\n")
    program.chmod(0o755)
    sent = deliver(TRANSPORTS["sendmail"](config(sendmail=Sendmail(command=(str(program),)))), 1000)
    assert set(sent.book.fates) == {"lost"}
    assert len(sent.taken) < 12


def test_addresses_are_no_options_for_the_program(tmp_path: Path) -> None:
    program = tmp_path / "program"
    program.write_text(f'#!/bin/sh\nprintf "%s|" "$@" >> {tmp_path}/called; cat > /dev/null\n')
    program.chmod(0o755)
    transport = TRANSPORTS["sendmail"](config(sendmail=Sendmail(command=(str(program), "-i"))))
    odd = outgoing(1, recipient="-oQ/tmp@example.org", sender="-bs@example.org")
    nobody = Outgoing((1, 2), "m2@x.example", "", "b@x.example", odd.write)
    deliver(transport, iter([odd]))
    deliver(transport, iter([nobody]))
    assert (tmp_path / "called").read_text() == (
        "-i|-f|-bs@example.org|--|-oQ/tmp@example.org|-i|-f|<>|--|b@x.example|"
    )
