"""From the greeting to the first message: EHLO, STARTTLS, AUTH. A generator: commands out, replies in."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Generator
from dataclasses import dataclass
from enum import Enum

from publisher.mailing.smtp.letters import Offers
from publisher.mailing.smtp.replies import OutOfStep, Reply

_GO_ON = 334
"""The relay waits for more (RFC 4954, section 4)."""
_READY = 220


class Secure(Enum):
    """Stands for the handshake of TLS among what an opening sends."""

    NOW = "now"


Opening = Generator[bytes | Secure, Reply, Offers]


@dataclass(frozen=True, slots=True)
class Login:
    """Who logs in. `secret` is a password, or an access token where `method` is ``xoauth2``."""

    username: str
    secret: str
    method: str = "auto"


class Declined(Exception):
    """The relay takes no messages over this connection; `code` is 0 where it does not offer what is wanted."""

    def __init__(self, what: str, reply: Reply | None = None) -> None:
        super().__init__(f"{what}: {reply.code} {reply.text}" if reply else what)
        self.code = reply.code if reply else 0

    @property
    def for_good(self) -> bool:
        """Whether asking again would be answered alike."""
        return not 400 <= self.code < 500


def opening(name: str, security: str, login: Login | None) -> Opening:
    """Greet a relay as `name`; with ``starttls``, nothing that it said in the clear is believed afterwards.

    Yields what is to be sent, nothing first, and wants the reply to it; gives what the relay offers.
    Raises `Declined`.
    """
    greeting = yield b""
    if greeting.code != _READY:
        raise Declined("it does not greet", greeting)
    offers = yield from _hello(name)
    if security == "starttls":
        yield from _starttls(offers)
        offers = yield from _hello(name)
    if login is not None:
        yield from _authenticate(login, offers)
    return offers


def _hello(name: str) -> Opening:
    """EHLO, or HELO where that is not known (RFC 5321, section 4.1.1.1)."""
    reply = yield f"EHLO {name}\r\n".encode("ascii")
    if reply.good:
        return Offers(dict(map(_offer, reply.lines[1:])))
    if reply.code < 500:
        raise Declined("EHLO refused", reply)
    reply = yield f"HELO {name}\r\n".encode("ascii")
    if not reply.good:
        raise Declined("HELO refused", reply)
    return Offers({})


def _offer(line: bytes) -> tuple[str, tuple[str, ...]]:
    """A line of the answer to EHLO; ``AUTH=LOGIN`` is how it was before RFC 4954, and some still do."""
    keyword, *parameters = line.decode("latin-1").upper().replace("AUTH=", "AUTH ").split() or [""]
    return keyword, tuple(parameters)


def _starttls(offers: Offers) -> Generator[bytes | Secure, Reply, None]:
    """RFC 3207, section 4."""
    if "STARTTLS" not in offers:
        raise Declined("it does not offer STARTTLS")
    reply = yield b"STARTTLS\r\n"
    if reply.code != _READY:
        raise Declined("STARTTLS refused", reply)
    yield Secure.NOW


def _authenticate(login: Login, offers: Offers) -> Generator[bytes, Reply, None]:
    """AUTH with the first method that both have (RFC 4954)."""
    offered = offers.keywords.get("AUTH", ())
    wanted = ("PLAIN", "LOGIN") if login.method == "auto" else (login.method.upper(),)
    method = next((name for name in wanted if name in offered), None)
    if method is None:
        raise Declined(f"it does not offer AUTH {' or '.join(wanted)}")
    first, *more = _responses(method, login)
    reply = yield b"AUTH %b%b\r\n" % (method.encode(), first and b" " + first)
    for response in more:
        if reply.code != _GO_ON:
            break
        reply = yield response + b"\r\n"
    if reply.code == _GO_ON:  # what it says is no challenge but why not; an empty response ends it
        reply = yield b"\r\n"
    if not reply.good:
        if 300 <= reply.code < 400:
            raise OutOfStep("a log-in without an end")
        raise Declined(f"AUTH {method} refused", reply)


def _responses(method: str, login: Login) -> list[bytes]:
    """What is sent with AUTH itself, nothing for LOGIN, and on each challenge."""
    user, secret = login.username.encode(), login.secret.encode()
    if method == "LOGIN":
        return [b"", b64encode(user), b64encode(secret)]
    if method == "PLAIN":  # RFC 4616, section 2
        return [b64encode(b"\0%b\0%b" % (user, secret))]
    return [b64encode(b"user=%b\1auth=Bearer %b\1\1" % (user, secret))]
