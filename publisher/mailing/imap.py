"""A mailbox of reports on an IMAP server (RFC 3501): what is unseen there → raw messages."""

from __future__ import annotations

import imaplib
import re
import ssl
from base64 import b64encode
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from types import TracebackType
from typing import Any, Self

from publisher.config import Imap
from publisher.credentials import secret
from publisher.errors import InboxError
from publisher.mailing.inboxes import Letter

_TRIES = 3
_TIMEOUT = 60.0
_BEYOND_ASCII = re.compile(r"[^\x20-\x7e]+|&")


def in_imap(imap: Imap, most_bytes: int) -> Iterator[Letter]:
    """Unseen messages of the configured folder, oldest first; only looked at, not marked, until settled.

    A settled one is seen; one that was not understood is flagged as well. Where the connection breaks it
    is opened anew, with the message that was asked for. Raises `InboxError` where that does not help.
    """
    with _Session(imap) as session:
        for number in session.unseen():
            raw = session.fetch(number, most_bytes)
            if raw is not None:
                place = f"{imap.username}@{imap.host}/{imap.folder};UID={number}"
                yield Letter(place, raw, partial(session.settle, number))


class _Session:
    """A connection with the folder open; asked anew over another where it breaks."""

    def __init__(self, imap: Imap) -> None:
        self._imap = imap
        self._connection: imaplib.IMAP4 | None = None
        self._validity = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._connection is not None:
            with suppress(OSError, imaplib.IMAP4.error):
                self._connection.logout()
        self._drop()

    def unseen(self) -> list[str]:
        """The UIDs of the unseen messages."""
        found = self._ask("SEARCH", "UNSEEN")
        return [uid.decode("ascii") for piece in found if piece for uid in piece.split()]

    def fetch(self, uid: str, most_bytes: int) -> bytes | None:
        """The first bytes of a message; none where it is gone."""
        found = self._ask("FETCH", uid, f"(BODY.PEEK[]<0.{most_bytes}>)")
        return next((bytes(piece[1]) for piece in found if isinstance(piece, tuple)), None)

    def settle(self, uid: str, understood: bool) -> None:
        """Mark a message as seen, and flag it where it was not understood."""
        self._ask("STORE", uid, "+FLAGS.SILENT", r"(\Seen)" if understood else r"(\Seen \Flagged)")

    def _ask(self, *command: str) -> list[Any]:
        cause: Exception | None = None
        for _ in range(_TRIES):
            try:
                status, data = self._open().uid(*command)
            except (imaplib.IMAP4.abort, OSError) as error:
                self._drop()
                cause = error
                continue
            except imaplib.IMAP4.error as error:
                raise self._failed(error) from error
            if status == "OK":
                return data
            raise self._failed(data)
        raise self._failed(cause) from cause

    def _open(self) -> imaplib.IMAP4:
        if self._connection is not None:
            return self._connection
        imap = self._imap
        context = ssl.create_default_context()
        if imap.security == "tls":
            made: imaplib.IMAP4 = imaplib.IMAP4_SSL(
                imap.host, imap.port, ssl_context=context, timeout=_TIMEOUT
            )
        else:
            made = imaplib.IMAP4(imap.host, imap.port, timeout=_TIMEOUT)
        self._connection = made
        if imap.security == "starttls":
            made.starttls(context)
        self._log_in(made)
        status, answer = made.select(_quoted(imap.folder))
        if status != "OK":
            raise self._failed(answer)
        self._check(made)
        return made

    def _log_in(self, connection: imaplib.IMAP4) -> None:
        imap = self._imap
        password = secret(imap.password_env)
        if not password:
            raise InboxError(
                f"{imap.host}: no password", hint=f"set the environment variable {imap.password_env}"
            )
        if "AUTH=PLAIN" in connection.capabilities:
            # RFC 4616; LOGIN takes no letters beyond ASCII.
            connection.authenticate("PLAIN", lambda _: f"\0{imap.username}\0{password}".encode())
        else:
            connection.login(imap.username, password)

    def _check(self, connection: imaplib.IMAP4) -> None:
        """UIDs hold as long as the validity of the folder is the same (RFC 3501, section 2.3.1.1)."""
        _, answer = connection.response("UIDVALIDITY")
        found = next((bytes(piece) for piece in answer if piece), b"")
        if self._validity and found != self._validity:
            raise InboxError(f"{self._imap.host}: the folder was made anew meanwhile; the next run reads it")
        self._validity = found

    def _drop(self) -> None:
        """Let go of the connection without a word."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(OSError):
                connection.shutdown()

    def _failed(self, what: object) -> InboxError:
        pieces = what if isinstance(what, list) else what.args if isinstance(what, Exception) else [what]
        words = [
            piece.decode("utf-8", "replace") if isinstance(piece, bytes) else str(piece) for piece in pieces
        ]
        return InboxError(f"{self._imap.host}: {' '.join(words)}")


def _quoted(folder: str) -> str:
    """A name of a folder as the protocol has it: modified UTF-7 (RFC 3501, section 5.1.3), in quotes."""
    plain = _BEYOND_ASCII.sub(lambda found: _shifted(found[0]), folder)
    escaped = plain.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _shifted(text: str) -> str:
    coded = b64encode(text.encode("utf-16-be")).decode("ascii").rstrip("=").replace("/", ",")
    return "&-" if text == "&" else f"&{coded}-"
