"""From the greeting to the first message."""

from __future__ import annotations

from base64 import b64encode

import pytest

from publisher.mailing.smtp.opening import Declined, Login, Secure, opening
from publisher.mailing.smtp.replies import OutOfStep, Reply

FULL = "250-relay\n250-PIPELINING\n250-8bitmime\n250-STARTTLS\n250 AUTH PLAIN LOGIN XOAUTH2"
USER = Login("desk", "pässword")


def b64(text: str) -> str:
    return b64encode(text.encode()).decode()


def reply(text: str) -> Reply:
    lines = text.split("\n")
    return Reply(int(lines[0][:3]), tuple(line[4:].encode() for line in lines))


def played(script: list[str], *, security: str = "none", login: Login | None = None) -> tuple[list[str], str]:
    """What is said to a relay that answers with the script, and how it ended."""
    talk = opening("me.example.org", security, login)
    said = [next(talk)]
    assert said == [b""]
    try:
        for text in script:
            said.append(talk.send(reply(text)))
            if said[-1] is Secure.NOW:
                said.append(next(talk))
    except StopIteration as done:
        end = " ".join(done.value.keywords)
    except (Declined, OutOfStep) as fault:
        end = f"{type(fault).__name__}: {fault}"
    else:
        end = "waits"
    return [
        "TLS" if isinstance(item, Secure) else item.decode().removesuffix("\r\n") for item in said[1:]
    ], end


EHLO = "EHLO me.example.org"


@pytest.mark.parametrize(
    ("script", "said", "end"),
    [
        (["220 hi", "250 relay"], [EHLO], ""),
        (["220-hi\n220 there", FULL], [EHLO], "PIPELINING 8BITMIME STARTTLS AUTH"),
        (["220 hi", "502 what", "250 relay"], [EHLO, "HELO me.example.org"], ""),
        (["220 hi", "500 what", "550 no"], [EHLO, "HELO me.example.org"], "Declined: HELO refused: 550 no"),
        (["220 hi", "451 later"], [EHLO], "Declined: EHLO refused: 451 later"),
        (["421 busy"], [], "Declined: it does not greet: 421 busy"),
        (["554 no"], [], "Declined: it does not greet: 554 no"),
        (["250 what"], [], "Declined: it does not greet: 250 what"),
    ],
)
def test_a_relay_is_greeted(script: list[str], said: list[str], end: str) -> None:
    assert played(script) == (said, end)


@pytest.mark.parametrize(
    ("script", "said", "end"),
    [
        (["220 hi", FULL, "220 go", "250 relay"], [EHLO, "STARTTLS", "TLS", EHLO], ""),
        (["220 hi", "250 relay"], [EHLO], "Declined: it does not offer STARTTLS"),
        (["220 hi", FULL, "454 no"], [EHLO, "STARTTLS"], "Declined: STARTTLS refused: 454 no"),
        (["220 hi", FULL, "250 ok"], [EHLO, "STARTTLS"], "Declined: STARTTLS refused: 250 ok"),
    ],
)
def test_with_starttls_nothing_goes_on_in_the_clear(script: list[str], said: list[str], end: str) -> None:
    assert played(script, security="starttls") == (said, end)


def test_what_was_offered_in_the_clear_is_forgotten() -> None:
    said, end = played(["220 hi", FULL, "220 go", "250 relay"], security="starttls", login=USER)
    assert said == [EHLO, "STARTTLS", "TLS", EHLO]
    assert end == "Declined: it does not offer AUTH PLAIN or LOGIN"


PLAIN = f"AUTH PLAIN {b64(chr(0) + 'desk' + chr(0) + 'pässword')}"
BEARER = b64("user=desk\1auth=Bearer pässword\1\1")


@pytest.mark.parametrize(
    ("method", "offered", "script", "said", "end"),
    [
        ("auto", "AUTH PLAIN LOGIN", ["235 ok"], [PLAIN], "AUTH"),
        ("auto", "AUTH=LOGIN PLAIN", ["235 ok"], [PLAIN], "AUTH"),
        ("auto", "auth login plain", ["235 ok"], [PLAIN], "AUTH"),
        ("plain", "AUTH PLAIN", ["535 no"], [PLAIN], "Declined: AUTH PLAIN refused: 535 no"),
        ("plain", "AUTH PLAIN", ["334", "501 what"], [PLAIN, ""], "Declined: AUTH PLAIN refused: 501 what"),
        (
            "auto",
            "AUTH LOGIN",
            ["334 a", "334 b", "235 ok"],
            ["AUTH LOGIN", b64("desk"), b64("pässword")],
            "AUTH",
        ),
        ("login", "AUTH PLAIN LOGIN", ["504 no"], ["AUTH LOGIN"], "Declined: AUTH LOGIN refused: 504 no"),
        ("xoauth2", "AUTH XOAUTH2", ["235 ok"], [f"AUTH XOAUTH2 {BEARER}"], "AUTH"),
        (
            "xoauth2",
            "AUTH XOAUTH2",
            ["334 eyJ9", "535 5.7.8 no"],
            [f"AUTH XOAUTH2 {BEARER}", ""],
            "Declined: AUTH XOAUTH2 refused: 535 5.7.8 no",
        ),
        (
            "xoauth2",
            "AUTH XOAUTH2",
            ["334 a", "334 b"],
            [f"AUTH XOAUTH2 {BEARER}", ""],
            "OutOfStep: a log-in without an end",
        ),
        ("auto", "AUTH CRAM-MD5 XOAUTH2", [], [], "Declined: it does not offer AUTH PLAIN or LOGIN"),
        ("plain", "AUTH LOGIN", [], [], "Declined: it does not offer AUTH PLAIN"),
        ("auto", "SIZE 10", [], [], "Declined: it does not offer AUTH PLAIN or LOGIN"),
    ],
)
def test_who_has_a_name_logs_in(
    method: str, offered: str, script: list[str], said: list[str], end: str
) -> None:
    greeted = ["220 hi", f"250-relay\n250 {offered}"]
    login = Login("desk", "pässword", method)
    assert played(greeted + script, login=login) == ([EHLO, *said], end)


@pytest.mark.parametrize(("text", "for_good"), [("421 no", False), ("454 no", False), ("535 no", True)])
def test_a_refusal_for_a_time_may_end(text: str, for_good: bool) -> None:
    talk = opening("me.example.org", "none", None)
    next(talk)
    with pytest.raises(Declined) as caught:
        talk.send(reply(text))
    assert caught.value.for_good == for_good
    assert Declined("no STARTTLS").for_good
