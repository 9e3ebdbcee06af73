"""Where reports wait on this machine: a Maildir, a file, a stream."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest

from publisher.errors import InboxError
from publisher.mailing.inboxes import Letter, in_file, in_maildir, in_stream

MOST = 1000


@pytest.fixture
def maildir(tmp_path: Path) -> Path:
    for part in ("new", "cur", "tmp"):
        (tmp_path / "box" / part).mkdir(parents=True)
    return tmp_path / "box"


def put(maildir: Path, name: str, raw: bytes = b"Subject: x\n\n", part: str = "new") -> None:
    (maildir / part / name).write_bytes(raw)


def names(maildir: Path) -> dict[str, list[str]]:
    return {part: sorted(file.name for file in (maildir / part).iterdir()) for part in ("new", "cur")}


def subjects(raw: bytes) -> list[bytes]:
    return [letter.raw for letter in in_stream(io.BytesIO(raw), "stdin", MOST)]


def test_messages_of_a_maildir_come_oldest_first_and_are_seen_once_they_are_settled(maildir: Path) -> None:
    put(maildir, "1795646420.b.host", b"two")
    put(maildir, "1795646419.a.host", b"one")
    letters = []
    for letter in in_maildir(maildir, MOST):
        assert names(maildir)["cur"] == [f"{found.place.split(': ')[1]}:2,S" for found in letters]
        letter.settle(True)
        letters.append(letter)
    assert [letter.raw for letter in letters] == [b"one", b"two"]
    assert names(maildir) == {"new": [], "cur": ["1795646419.a.host:2,S", "1795646420.b.host:2,S"]}
    assert not list(in_maildir(maildir, MOST))


def test_what_was_not_settled_comes_again(maildir: Path) -> None:
    put(maildir, "1")
    assert len(list(in_maildir(maildir, MOST))) == 1
    assert len(list(in_maildir(maildir, MOST))) == 1


def test_what_was_not_understood_is_kept_and_flagged_and_does_not_come_again(maildir: Path) -> None:
    put(maildir, "1", b"what?")
    for letter in in_maildir(maildir, MOST):
        letter.settle(False)
    assert names(maildir) == {"new": [], "cur": ["1:2,F"]}
    assert (maildir / "cur" / "1:2,F").read_bytes() == b"what?"
    assert not list(in_maildir(maildir, MOST))


def test_a_message_that_a_mail_reader_only_listed_still_comes(maildir: Path) -> None:
    put(maildir, "1:2,", part="cur")
    put(maildir, "2:2,P", part="cur")
    for flags in "SFTR":
        put(maildir, f"3:2,{flags}", part="cur")
    for letter in in_maildir(maildir, MOST):
        letter.settle(True)
    assert names(maildir)["cur"] == ["1:2,S", "2:2,PS", "3:2,F", "3:2,R", "3:2,S", "3:2,T"]


def test_a_message_that_another_process_settled_meanwhile_is_passed_over(maildir: Path) -> None:
    put(maildir, "1")
    put(maildir, "2")
    letters = in_maildir(maildir, MOST)
    first = next(letters)
    (maildir / "new" / "2").unlink()
    assert not list(letters)
    (maildir / "new" / "1").unlink()
    first.settle(True)
    assert names(maildir) == {"new": [], "cur": []}


def test_only_files_are_messages(maildir: Path, tmp_path: Path) -> None:
    (maildir / "new" / "folder").mkdir()
    (tmp_path / "secret").write_bytes(b"x")
    (maildir / "new" / "link").symlink_to(tmp_path / "secret")
    assert not list(in_maildir(maildir, MOST))


def test_a_maildir_without_cur_gets_one_when_it_is_needed(maildir: Path) -> None:
    (maildir / "cur").rmdir()
    put(maildir, "1")
    (letter,) = in_maildir(maildir, MOST)
    assert not (maildir / "cur").exists()
    letter.settle(True)
    assert names(maildir) == {"new": [], "cur": ["1:2,S"]}


def test_only_the_beginning_of_a_message_is_read(maildir: Path) -> None:
    put(maildir, "1", b"x" * 5000)
    assert [len(letter.raw) for letter in in_maildir(maildir, MOST)] == [MOST]


def test_a_folder_that_is_no_maildir_is_named(tmp_path: Path) -> None:
    with pytest.raises(InboxError, match="box: No such file or directory"):
        list(in_maildir(tmp_path / "box", MOST))


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_message_that_may_not_be_read_is_named(maildir: Path) -> None:
    put(maildir, "1")
    (maildir / "new" / "1").chmod(0)
    with pytest.raises(InboxError, match="Permission denied"):
        list(in_maildir(maildir, MOST))


def test_a_stream_is_one_message() -> None:
    assert subjects(b"Subject: a\n\nFrom here on\n\nFrom b@x Tue Nov 24 06:00:00 2026\n") == [
        b"Subject: a\n\nFrom here on\n\nFrom b@x Tue Nov 24 06:00:00 2026\n"
    ]


def test_an_mbox_is_several_messages_and_their_lines_are_as_they_were() -> None:
    mark = b"From MAILER-DAEMON Tue Nov 24 06:00:00 2026\n"
    one, two = b"Subject: a\n\n>From now on\n\n", b"Subject: b\n\nFrom here on\n"
    assert subjects(mark + one + mark + two) == [b"Subject: a\n\nFrom now on\n\n", two]


def test_an_mbox_line_counts_only_after_a_blank_line() -> None:
    mark = b"From MAILER-DAEMON Tue Nov 24 06:00:00 2026\n"
    assert len(subjects(mark + b"Subject: a\n\nx\n" + mark + b"y\n")) == 1


def test_what_a_mail_system_pipes_with_its_mbox_line_is_one_message() -> None:
    assert subjects(b"From MAILER-DAEMON Tue Nov 24 06:00:00 2026\nSubject: a\n\nx\n") == [
        b"Subject: a\n\nx\n"
    ]


def test_an_empty_stream_has_no_message() -> None:
    assert subjects(b"") == []


def test_of_long_messages_and_lines_in_a_stream_only_the_beginning_is_kept() -> None:
    mark = b"From MAILER-DAEMON Tue Nov 24 06:00:00 2026\n"
    found = subjects(mark + b"x" * 5_000_000 + b"\n\n" + mark + b"short\n")
    assert [len(raw) for raw in found][1:] == [6]
    assert len(found[0]) <= 64 * 1024


def test_a_file_is_read_and_stays_as_it_was(tmp_path: Path) -> None:
    file = tmp_path / "report.eml"
    file.write_bytes(b"Subject: a\n\n")
    (letter,) = in_file(file, MOST)
    letter.settle(True)
    assert letter == Letter(f"{file}:1", b"Subject: a\n\n", letter.settle)
    assert file.read_bytes() == b"Subject: a\n\n"


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InboxError, match=r"report\.eml: No such file"):
        list(in_file(tmp_path / "report.eml", MOST))
