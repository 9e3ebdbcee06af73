"""What a relay says, in whatever pieces it comes."""

from __future__ import annotations

import pytest

from publisher.mailing.smtp.replies import OutOfStep, Replies, Reply


def read(data: bytes, piece: int = 0) -> list[tuple[int, str] | str]:
    """Codes and texts of all replies, and the fault that ended them."""
    replies = Replies()
    found: list[tuple[int, str] | str] = []
    piece = piece or len(data)
    try:
        for start in range(0, len(data), piece):
            replies.feed(data[start : start + piece])
            while (reply := replies.next()) is not None:
                found.append((reply.code, reply.text))
    except OutOfStep as fault:
        found.append(str(fault))
    return found


@pytest.mark.parametrize("piece", [0, 1, 2, 3, 7])
@pytest.mark.parametrize(
    ("data", "found"),
    [
        (b"250 2.0.0 ok\r\n", [(250, "2.0.0 ok")]),
        (b"250\r\n", [(250, "")]),
        (b"250 \r\n", [(250, "")]),
        (b"250 ok\n354 go\r\n", [(250, "ok"), (354, "go")]),
        (b"250-one\r\n250-two\r\n250 three\r\n", [(250, "one two three")]),
        (b"550-5.1.1 no such\r\n550 5.1.1 user\r\n", [(550, "5.1.1 no such user")]),
        (b"550-5.1.1\r\n550 5.1.1\r\n", [(550, "5.1.1")]),
        (b"550-5.1.1 a\r\n550 5.1.10 b\r\n", [(550, "5.1.1 a 5.1.10 b")]),
        ("550 hộp thư đầy\r\n".encode(), [(550, "hộp thư đầy")]),
        (b"550 \xff\x00\x1b[31m a \t b\r\n", [(550, "\ufffd [31m a b")]),
        (b"250-a\r\n", []),
        (b"250 a", []),
        (b"250 a\r\nhello\r\n250 b\r\n", [(250, "a"), "not a reply: b'hello'"]),
        (b"25 a\r\n", ["not a reply: b'25 a'"]),
        (b"250_a\r\n", ["not a reply: b'250_a'"]),
        (b"150 a\r\n", ["not a reply: b'150 a'"]),
        (b"650 a\r\n", ["not a reply: b'650 a'"]),
        (b"2\xb20 a\r\n", ["not a reply: b'2\\xb20 a'"]),
        (b"\r\n", ["not a reply: b''"]),
        (b"250-a\r\n251 b\r\n", ["a reply with two codes: 250 and 251"]),
    ],
)
def test_replies_are_read_line_by_line(data: bytes, found: list[tuple[int, str] | str], piece: int) -> None:
    assert read(data, piece) == found


@pytest.mark.parametrize("end", [b"", b"\r\n"])
def test_what_never_ends_is_refused(end: bytes) -> None:
    assert read(b"250 " + b"a" * 5000 + end, 100) == ["a line without an end"]
    assert read(b"250-a\r\n" * 1000 + b"250 a" + end) == ["a reply without an end"]


def test_a_long_answer_is_cut() -> None:
    assert len(Reply(550, (b"a" * 3000,)).text) == 500


def test_it_knows_whether_anything_is_left() -> None:
    replies = Replies()
    assert replies.empty
    for data in (b"2", b"250-a\r\n", b"250 a\r\n250 b\r\n"):
        replies = Replies()
        replies.feed(data)
        replies.next()
        assert not replies.empty
