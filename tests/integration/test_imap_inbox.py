"""Reports in a mailbox of a real IMAP server (Dovecot), over TLS with a certificate of its own."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from itertools import count

import pytest
from mailserver import DOVECOT, MailServer

from publisher.config import Imap
from publisher.errors import InboxError
from publisher.mailing.imap import in_imap

pytestmark = pytest.mark.skipif(DOVECOT is None, reason="dovecot is not installed")
MOST = 1000
NUMBERS = count(1)


@pytest.fixture(scope="module")
def running() -> Iterator[MailServer]:
    with MailServer() as server:
        yield server


class Box:
    """A mailbox that no other test uses."""

    def __init__(self, server: MailServer, user: str) -> None:
        self.server, self.user = server, user

    def put(self, name: str, raw: bytes, folder: str = "") -> None:
        self.server.put(self.user, name, raw, folder)

    def flags(self) -> dict[str, str]:
        return self.server.flags(self.user)

    def restart(self) -> None:
        self.server.stop()
        self.server.start()


@pytest.fixture
def box(running: MailServer, monkeypatch: pytest.MonkeyPatch) -> Box:
    """A mailbox on the server, whose certificate is trusted and whose password is known."""
    monkeypatch.setenv("SSL_CERT_FILE", str(running.authority))
    monkeypatch.setenv("REPORTS", running.password)
    return Box(running, f"reports{next(NUMBERS)}")


@pytest.fixture
def imap(box: Box) -> Imap:
    return Imap(host="localhost", port=box.server.tls_port, username=box.user, password_env="REPORTS")


def read(imap: Imap) -> list[bytes]:
    return [letter.raw for letter in in_imap(imap, MOST)]


def test_unseen_messages_come_and_are_seen_once_they_are_settled(box: Box, imap: Imap) -> None:
    box.put("1", b"Subject: a\n\none\n")
    box.put("2", b"Subject: b\n\ntwo\n")
    letters = in_imap(imap, MOST)
    first = next(letters)
    assert first.raw == b"Subject: a\r\n\r\none\r\n"
    assert box.flags()["1"] == ""
    first.settle(True)
    assert box.flags()["1"] == "S"
    assert [letter.raw for letter in letters] == [b"Subject: b\r\n\r\ntwo\r\n"]
    assert box.flags() == {"1": "S", "2": ""}
    assert read(imap) == [b"Subject: b\r\n\r\ntwo\r\n"]


def test_what_was_not_understood_is_flagged_and_does_not_come_again(box: Box, imap: Imap) -> None:
    box.put("1", b"what?\n")
    for letter in in_imap(imap, MOST):
        letter.settle(False)
    assert box.flags() == {"1": "FS"}
    assert read(imap) == []


def test_only_the_beginning_of_a_message_is_fetched(box: Box, imap: Imap) -> None:
    box.put("1", b"Subject: a\n\n" + b"x" * 5_000_000)
    assert [len(raw) for raw in read(imap)] == [MOST]


def test_a_letter_says_where_it_stands(box: Box, imap: Imap) -> None:
    box.put("1", b"x\n")
    (letter,) = in_imap(imap, MOST)
    assert letter.place == f"{box.user}@localhost/INBOX;UID=1"


def test_starttls_works_as_well(box: Box, imap: Imap) -> None:
    box.put("1", b"x\n")
    assert read(replace(imap, port=box.server.port, security="starttls")) == [b"x\r\n"]


def test_a_folder_may_have_a_name_in_any_letters(box: Box, imap: Imap) -> None:
    box.put("1", b"x\n", "Th&AbA- tr&HqM- &- &A,8-")
    assert read(replace(imap, folder="Thư trả & Ͽ")) == [b"x\r\n"]


def test_a_server_whose_certificate_is_not_trusted_gets_no_password(
    box: Box, imap: Imap, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    for wrong in (
        imap,
        replace(imap, port=box.server.port, security="starttls"),
        replace(imap, host="127.0.0.1"),
    ):
        with pytest.raises(InboxError, match=r"certificate verify failed|CERTIFICATE_VERIFY_FAILED"):
            read(wrong)
    assert box.user not in box.server.errors


def test_without_tls_it_works_on_this_machine(box: Box, imap: Imap) -> None:
    box.put("1", b"x\n")
    assert read(replace(imap, port=box.server.port, security="none")) == [b"x\r\n"]


@pytest.mark.parametrize("password", ["wrong", "sai mật khẩu"])
def test_a_wrong_password_is_named_and_not_repeated(
    imap: Imap, monkeypatch: pytest.MonkeyPatch, password: str
) -> None:
    monkeypatch.setenv("REPORTS", password)
    with pytest.raises(InboxError, match=r"localhost: .*AUTHENTICATIONFAILED") as caught:
        read(imap)
    assert password not in str(caught.value)


def test_a_missing_password_is_named(imap: Imap, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("REPORTS")
    with pytest.raises(InboxError, match="no password") as caught:
        read(imap)
    assert caught.value.hint == "set the environment variable REPORTS"


def test_a_missing_folder_is_named(imap: Imap) -> None:
    with pytest.raises(InboxError, match="Mailbox doesn't exist"):
        read(replace(imap, folder="Nowhere"))


def test_a_broken_connection_is_opened_anew_where_it_broke(box: Box, imap: Imap) -> None:
    for number in range(4):
        box.put(str(number), b"%d\n" % number)
    letters = in_imap(imap, MOST)
    found = [next(letters), next(letters)]
    box.restart()
    for letter in found:
        letter.settle(True)
    box.restart()
    assert [letter.raw for letter in letters] == [b"2\r\n", b"3\r\n"]
    assert box.flags() == {"0": "S", "1": "S", "2": "", "3": ""}


def test_a_folder_that_was_made_anew_is_left_for_the_next_time(box: Box, imap: Imap) -> None:
    box.put("1", b"x\n")
    box.put("2", b"y\n")
    letters = in_imap(imap, MOST)
    next(letters)
    box.server.stop()
    time.sleep(1.1)  # a validity is a time in whole seconds
    for file in box.server.place(box.user).glob("dovecot*"):
        file.unlink()
    box.server.start()
    with pytest.raises(InboxError, match="made anew"):
        next(letters)
    assert read(imap) == [b"x\r\n", b"y\r\n"]


def test_a_server_that_is_gone_is_named(box: Box, imap: Imap) -> None:
    box.put("1", b"x\n")
    box.put("2", b"y\n")
    letters = in_imap(imap, MOST)
    next(letters)
    box.server.stop()
    try:
        began = time.monotonic()
        with pytest.raises(InboxError, match=r"localhost: .*Connection refused"):
            next(letters)
        assert time.monotonic() - began < 10
    finally:
        box.server.start()


def test_a_message_that_is_gone_is_passed_over(box: Box, imap: Imap) -> None:
    box.put("1", b"x\n")
    box.put("2", b"y\n")
    letters = in_imap(imap, MOST)
    next(letters)
    for part in ("new", "cur"):
        for file in (box.server.place(box.user) / part).glob("2*"):
            file.unlink()
    assert list(letters) == []
