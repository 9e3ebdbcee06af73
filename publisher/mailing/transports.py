"""Messages → a Maildir or a relay. `TRANSPORTS` is the table; a transport takes one message at a time."""

from __future__ import annotations

import os
import re
import smtplib
import ssl
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from publisher.config import Config, Smtp
from publisher.errors import DeliveryError, RelayUnreachable

_CLOSING = 421
"""The relay hangs up (RFC 5321, section 3.8)."""


class Transport(Protocol):
    """Takes messages; `send` raises `publisher.errors.DeliveryError` where one was not taken."""

    def send(self, name: str, sender: str, recipient: str, message: bytes) -> None:
        """Hand one message over; `name` is the same for a repeat of the same message."""

    def close(self) -> None:
        """Let go of whatever is held open."""


class Maildir:
    """A folder of messages: written whole in ``tmp``, then moved into ``new``. A repeat replaces."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def send(self, name: str, sender: str, recipient: str, message: bytes) -> None:
        """Put a message into the folder (`sender` and `recipient` stand in its headers)."""
        plain = re.sub(r"[^A-Za-z0-9._-]", "_", name)
        try:
            for part in ("tmp", "new", "cur"):
                (self._folder / part).mkdir(parents=True, exist_ok=True)
            fresh = self._folder / "tmp" / plain
            with open(fresh, "wb") as stream:
                stream.write(message.replace(b"\r\n", b"\n"))
                stream.flush()
                os.fsync(stream.fileno())
            os.replace(fresh, self._folder / "new" / plain)
        except OSError as error:
            raise DeliveryError(f"the Maildir does not take it: {error.strerror}") from error

    def close(self) -> None:
        """Nothing is held open."""


class Relay:
    """One connection to an SMTP relay (RFC 5321), opened with the first message and kept."""

    def __init__(self, smtp: Smtp) -> None:
        self._smtp = smtp
        self._connection: smtplib.SMTP | None = None

    def send(self, name: str, sender: str, recipient: str, message: bytes) -> None:
        """Send a message; a failure that ends the connection closes it, so that the next begins anew."""
        sender, recipient = _on_the_wire(sender), _on_the_wire(recipient)
        try:
            connection = self._connection or self._connect()
        except (OSError, smtplib.SMTPException) as error:
            self.close()
            raise RelayUnreachable(f"no connection to {self._smtp.host}: {error}") from error
        self._connection = connection
        try:
            connection.sendmail(sender, [recipient], message)
        except smtplib.SMTPRecipientsRefused as error:
            code, answer = error.recipients[recipient]
            if code == _CLOSING:
                self.close()
            raise DeliveryError(f"{code} {_text(answer)}", code=code) from error
        except (smtplib.SMTPSenderRefused, smtplib.SMTPHeloError) as error:
            # A fault of the sender or the relay: no reader's delivery is given up for it.
            self.close()
            raise RelayUnreachable(f"{error.smtp_code} {_text(error.smtp_error)}") from error
        except smtplib.SMTPResponseException as error:
            self.close()
            raise DeliveryError(
                f"{error.smtp_code} {_text(error.smtp_error)}", code=error.smtp_code
            ) from error
        except (OSError, smtplib.SMTPException) as error:
            self.close()
            raise DeliveryError(f"connection lost: {error}", certain=False) from error

    def close(self) -> None:
        """Say goodbye, if anybody listens."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(OSError, smtplib.SMTPException):
                connection.quit()
            connection.close()

    def _connect(self) -> smtplib.SMTP:
        smtp = self._smtp
        context = ssl.create_default_context()
        if smtp.security == "tls":
            made: smtplib.SMTP = smtplib.SMTP_SSL(smtp.host, smtp.port, timeout=smtp.timeout, context=context)
        else:
            made = smtplib.SMTP(smtp.host, smtp.port, timeout=smtp.timeout)
        try:
            if smtp.security == "starttls":
                made.starttls(context=context)
            if smtp.username:
                made.login(smtp.username, os.environ.get(smtp.password_env, ""))
        except BaseException:
            made.close()
            raise
        return made


TRANSPORTS: dict[str, Callable[[Config], Transport]] = {
    "maildir": lambda config: Maildir(config.maildir),
    "smtp": lambda config: Relay(config.mail.smtp),
}


def _on_the_wire(address: str) -> str:
    """An address as SMTP carries it: the domain in IDNA; other letters beyond ASCII need SMTPUTF8."""
    local, _, domain = address.rpartition("@")
    try:
        return f"{local}@{domain if domain.isascii() else domain.encode('idna').decode()}".encode(
            "ascii"
        ).decode()
    except UnicodeError as error:
        raise DeliveryError(f"{address}: not an address that a relay takes", code=553) from error


def _text(answer: bytes | str) -> str:
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    return " ".join(text.split())
