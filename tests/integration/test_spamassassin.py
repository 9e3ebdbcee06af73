"""What a spam filter of many relays thinks of our messages: its own rules, without the network."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import replace
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest
from mails import CONFIG, DIGEST, LINKS, ZONE, Sample, sample

from publisher.mailing import SLOTS, Body, Letter, Person, unsubscribe_url
from publisher.render.digest import DigestMail, Links
from publisher.render.templates import Templates

PROGRAM = shutil.which("spamassassin")
KINDS = {
    "Vietnamese": ("vi", 12),
    "English": ("en", 12),
    "one article": ("vi", 1),
    "trimmed": ("vi", 300),
    "trimmed English": ("en", 300),
    "test": ("vi", 12),
}
BETWEEN = re.compile(rb"^From (?=x@example\.com )", re.MULTILINE)
SPAM = b"""\
X-Kind: spam
From: x@example.com
Subject: Test

XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X
"""
COMPOSER = DigestMail(CONFIG, Templates(None, "vi", ZONE), ())


def message(made: Sample, subject: str) -> bytes:
    """The whole message, as it is sent."""
    body = Body.compose(*COMPOSER.compose(DIGEST, *made, Links(**SLOTS)))
    letter = Letter(CONFIG, DIGEST, made.edition, body, lambda _: "4bb1c90d0bb04b54a4e0", subject=subject)
    mailto = unsubscribe_url("news@example.org", "kx3v9")
    return letter.to(Person(7, "mai@example.com", mailto, LINKS.unsubscribe, LINKS.preferences))(False)


def message_of(kind: str) -> bytes:
    made = sample(*KINDS[kind])
    made = made._replace(part=replace(made.part, omitted=2))
    subject = COMPOSER.subject_of(DIGEST, made.edition, made.part)
    return f"X-Kind: {kind}\r\n".encode() + message(made, f"[Thử] {subject}" if kind == "test" else subject)


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    """What it says of each message; one process for all, since it takes seconds to start."""
    if PROGRAM is None:
        assert os.environ.get("CI") != "true", "SpamAssassin is missing where it must be there"
        pytest.skip("no SpamAssassin on this machine")
    home = tmp_path_factory.mktemp("home")
    write_mbox(home / "box", [SPAM, *map(message_of, KINDS)])
    done = subprocess.run(
        [PROGRAM, "-L", "-t", "-x", "--cf=use_bayes 0", "--cf=report_safe 0", "--mbox", home / "box"],
        env={**os.environ, "HOME": str(home)},
        capture_output=True,
        check=True,
    )
    # It does not keep the order.
    judged = (
        message_from_bytes(raw.partition(b"\n")[2], policy=default) for raw in BETWEEN.split(done.stdout)[1:]
    )
    return {str(message["X-Kind"]): str(message["X-Spam-Status"]) for message in judged}


def write_mbox(file: Path, messages: list[bytes]) -> None:
    lines = (raw.replace(b"\r\n", b"\n").replace(b"\nFrom ", b"\n>From ") for raw in messages)
    file.write_bytes(b"".join(b"From x@example.com Sun Nov 22 06:00:00 2026\n%b\n" % raw for raw in lines))


def score(verdict: str) -> float:
    return float(verdict.partition("score=")[2].partition(" ")[0])


@pytest.mark.parametrize("kind", KINDS)
def test_our_messages_are_not_taken_for_spam(verdicts: Mapping[str, str], kind: str) -> None:
    assert score(verdicts[kind]) < 1.0, verdicts[kind]
    assert "INVIS" not in verdicts[kind]
    assert "HTML_MESSAGE" in verdicts[kind]


def test_the_filter_is_at_work(verdicts: Mapping[str, str]) -> None:
    assert score(verdicts["spam"]) > 100
