"""Messages as they travel: nothing in them breaks out of its place."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mailings import outgoing

from publisher.mailing.outgoing import Fate, Outgoing
from publisher.mailing.smtp.letters import Letter, Offers, Unsendable, Writer

NONE = Offers({})
ALL = Offers({"8BITMIME": (), "SMTPUTF8": ()})
HEAD = b"Subject: x\r\n\r\n"


def made(raw: bytes = HEAD, offers: Offers = ALL, **envelope: str) -> Letter:
    return Writer().letter(outgoing(1, raw=raw, **envelope), offers)


@pytest.mark.parametrize(
    ("raw", "content"),
    [
        (b"A: b\r\n\r\nc\r\n", b"A: b\r\n\r\nc\r\n.\r\n"),
        (b"A: b\r\n\r\nc", b"A: b\r\n\r\nc\r\n.\r\n"),
        (b"A: b\r\n\r\n.\r\n", b"A: b\r\n\r\n..\r\n.\r\n"),
        (b"A: b\r\n\r\n.\r\n.\r\n..c\r\n", b"A: b\r\n\r\n..\r\n..\r\n...c\r\n.\r\n"),
        (b".A: b\r\n\r\n", b"..A: b\r\n\r\n.\r\n"),
        (b"A: b\r\n\r\nc.\r\nd.e\r\n", b"A: b\r\n\r\nc.\r\nd.e\r\n.\r\n"),
    ],
)
def test_dots_are_doubled_where_a_line_begins_with_one(raw: bytes, content: bytes) -> None:
    assert made(raw).content == content


@pytest.mark.parametrize(
    "end",
    [b"\n", b"\r", b"\n\r\n", b"\r\r\n", b"\n.\r\n", b"\r.\r\n", b"\n.\n", b"\r\n.\n", b"\r\n.\r", b"a\r"],
)
@pytest.mark.parametrize("behind", [b"", b"MAIL FROM:<a@b.example>\r\n"])
def test_a_line_that_does_not_end_in_crlf_is_refused(end: bytes, behind: bytes) -> None:
    with pytest.raises(Unsendable) as caught:
        made(HEAD + b"body" + end + behind)
    fault = caught.value
    assert (fault.fate, fault.code, fault.answer) == (
        Fate.MESSAGE_REFUSED,
        554,
        "5.6.0 a line that does not end in CRLF",
    )


@pytest.mark.parametrize("raw", [b"A: b\n\nc\n.\nd\n", b"A: b\r\rc\r.\rd\r", b"A: b\n\rc\n\r"])
def test_a_message_without_any_crlf_is_refused(raw: bytes) -> None:
    for written in (raw, [raw], [b"B: c\r\n", raw]):
        with pytest.raises(Unsendable, match=r"5\.6\.0"):
            Writer().letter(
                Outgoing((1, 1), "m", "a@x.example", "b@x.example", lambda _, it=written: it), ALL
            )


def test_an_empty_message_is_refused() -> None:
    with pytest.raises(Unsendable, match=r"5\.6\.0"):
        made(b"")


@pytest.mark.parametrize(
    ("sender", "recipient", "mail", "rcpt"),
    [
        ("a@example.org", "b@example.org", "MAIL FROM:<a@example.org>", "RCPT TO:<b@example.org>"),
        ("", "b@example.org", "MAIL FROM:<>", "RCPT TO:<b@example.org>"),
        ("a+1=b@x.example", '"b c"@x.example', "MAIL FROM:<a+1=b@x.example>", 'RCPT TO:<"b c"@x.example>'),
        ("a@x.example", r'"b\"c>d"@x.example', "MAIL FROM:<a@x.example>", r'RCPT TO:<"b\"c>d"@x.example>'),
        ("a@x.example", "bàn@x.example", "MAIL FROM:<a@x.example> SMTPUTF8", "RCPT TO:<bàn@x.example>"),
        ("bàn@x.example", "b@x.example", "MAIL FROM:<bàn@x.example> SMTPUTF8", "RCPT TO:<b@x.example>"),
    ],
)
def test_addresses_stand_between_brackets(sender: str, recipient: str, mail: str, rcpt: str) -> None:
    letter = made(sender=sender, recipient=recipient) if sender else made_without_sender(recipient)
    assert (letter.mail, letter.rcpt) == (f"{mail}\r\n".encode(), f"{rcpt}\r\n".encode())


def made_without_sender(recipient: str) -> Letter:
    message = outgoing(1, recipient=recipient)
    return Writer().letter(Outgoing(message.key, message.name, "", recipient, lambda eightbit: HEAD), ALL)


@pytest.mark.parametrize(
    "address",
    [
        "a@x.example\r\nRCPT TO:<c@x.example>",
        "a@x.example\n",
        "a@x.example\r",
        "a\0@x.example",
        "a@x.example> NOTIFY=NEVER <",
        "a b@x.example",
        "<a@x.example>",
        '"a\r\nb"@x.example',
        '"a"b"@x.example',
        '"a@x.example',
        "a\x7f@x.example",
        "\ud800@x.example",
        "a" * 500 + "@x.example",
    ],
)
@pytest.mark.parametrize(
    ("part", "fate"), [("sender", Fate.SENDER_REFUSED), ("recipient", Fate.RECIPIENT_REFUSED)]
)
def test_an_address_that_would_break_out_is_refused(address: str, part: str, fate: Fate) -> None:
    with pytest.raises(Unsendable) as caught:
        made(**{part: address})
    assert (caught.value.fate, caught.value.code) == (fate, 553)


def test_letters_beyond_ascii_need_smtputf8() -> None:
    with pytest.raises(Unsendable) as caught:
        made(recipient="bàn@x.example", offers=NONE)
    assert (caught.value.fate, caught.value.answer[:5]) == (Fate.RECIPIENT_REFUSED, "5.6.7")


def test_eight_bits_are_announced_where_they_are_there_and_taken() -> None:
    asked: list[bool] = []

    def write(eightbit: bool) -> bytes:
        asked.append(eightbit)
        return HEAD + ("Thân bài\r\n".encode() if eightbit else b"Th=C3=A2n\r\n")

    message = Outgoing((1, 1), "m1@x.example", "a@x.example", "b@x.example", write)
    assert Writer().letter(message, ALL).mail == b"MAIL FROM:<a@x.example> BODY=8BITMIME\r\n"
    assert Writer().letter(message, NONE).mail == b"MAIL FROM:<a@x.example>\r\n"
    assert asked == [True, False]
    assert made(HEAD).mail == b"MAIL FROM:<news@example.org>\r\n"


def test_eight_bits_do_not_leave_where_seven_are_taken() -> None:
    with pytest.raises(Unsendable, match=r"5\.6\.3"):
        made(HEAD + "Thân bài\r\n".encode(), NONE)


PIECES = st.lists(
    st.sampled_from(
        [b"", b".", b"..", b"a", b".a", b"\r\n", b"\r\n.", b"a\r\n", b"b\r\n.c\r\n", b"\r", b"\n", b"\n."]
    ),
    max_size=8,
)


@given(st.lists(PIECES, min_size=1, max_size=4))
def test_pieces_are_sent_as_the_whole_would_be(messages: list[list[bytes]]) -> None:
    def content(writer: Writer, written: bytes | list[bytes]) -> bytes | str:
        try:
            return writer.letter(
                Outgoing((1, 1), "m", "a@x.example", "b@x.example", lambda _: written), ALL
            ).content
        except Unsendable as fault:
            return fault.answer

    kept = Writer()
    for pieces in messages:
        assert content(kept, pieces) == content(Writer(), b"".join(pieces))


def test_a_piece_that_messages_share_is_looked_through_once() -> None:
    shared = b"Subject: x\r\n\r\n" + b"a line of text\r\n" * 100_000
    writer = Writer()

    def seconds(written: list[bytes]) -> float:
        began = time.perf_counter()
        writer.letter(Outgoing((1, 1), "m", "a@x.example", "b@x.example", lambda _: written), ALL)
        return time.perf_counter() - began

    first = seconds([b"To: a\r\n", shared])
    assert min(seconds([b"To: b%d\r\n" % number, shared]) for number in range(9)) < first / 2


def test_what_is_remembered_of_pieces_stays_small() -> None:
    writer = Writer()
    for number in range(10_000):
        written = [b"To: %d\r\n" % number, b"\r\nbody\r\n"]
        writer.letter(
            Outgoing((1, 1), "m", "a@x.example", "b@x.example", lambda _, written=written: written), ALL
        )
    assert len(writer._clean) < 5000
