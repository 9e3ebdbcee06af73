"""One edition and the people who get it, for tests of messages; and the parsers that messages must satisfy."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Any

from publisher.config import Config, Digest, Dkim, Mail, Output, Site, Web
from publisher.mailing import SLOTS, Body, Letter, Person
from publisher.mailing.dkim import Signer
from publisher.model import Edition

ZONE = timezone(timedelta(hours=7))
STRICT = SMTP.clone(raise_on_defect=True)

PERSON = Person(
    number=7,
    address="reader@example.org",
    mailto="mailto:news@example.com?subject=unsubscribe%20t7",
    unsubscribe="https://news.example.com/unsubscribe/t7?a=1&b=2",
    preferences="https://news.example.com/preferences/p7",
)
OTHER = Person(
    number=8,
    address="someone.else@example.org",
    mailto="mailto:news@example.com?subject=unsubscribe%20t8",
    unsubscribe="https://news.example.com/unsubscribe/t8?a=1&b=2",
    preferences="https://news.example.com/preferences/p8",
)
DIGEST = Digest(name="daily", title="Tin sáng Kiến An")
EDITION = Edition(
    id="urn:uuid:1b4e28ba-2fa1-51d2-883f-0016d3cca427",
    digest="daily",
    page="digests/daily/2026-11-24/",
    subject="Tin sáng Kiến An: 24 tháng 11, 2026",
    due=datetime(2026, 11, 24, 6, tzinfo=ZONE),
    recorded=datetime(2026, 11, 23, 23, 0, 5, tzinfo=UTC),
    sections=(),
)
TEXT = f"""\
Tin sáng Kiến An

An ninh trật tự quận Kiến An được giữ vững.

Rời danh sách:
{SLOTS["unsubscribe"]}
Thay đổi: {SLOTS["preferences"]} ({SLOTS["address"]})
"""
HTML = f"""\
<!doctype html>
<html lang="vi"><head><meta charset="utf-8"><style>
.lead {{ color: red }}
</style></head><body>
<p class="lead">An ninh trật tự quận Kiến An được giữ vững.</p>
<p><a href="{SLOTS["unsubscribe"]}">Rời danh sách</a>, gửi tới {SLOTS["address"]}</p>
<p><a href='{SLOTS["preferences"]}'>Thay đổi</a></p>
</body></html>
"""


def config(
    *keys: Dkim, root: Path = Path(), web: str = "https://news.example.com/", base: Any = "full", **mail: Any
) -> Config:
    """A configuration in the folder `root`."""
    made = Config(
        site=Site(title="Bản tin Kiến An", url="https://news.example.com/"),
        mail=Mail(**{"sender": "Bản tin Kiến An <news@example.com>", "dkim": keys, **mail}),
        output=Output(base=base),
        web=Web(url=web),
    )
    object.__setattr__(made, "root", root)
    return made


def letter(
    settings: Config | None = None,
    html: str = HTML,
    text: str = TEXT,
    edition: Edition = EDITION,
    digest: Digest = DIGEST,
    signer: Signer | None = None,
) -> Letter:
    """The letter of an edition."""
    body = Body.compose(html, text)
    return Letter(settings or config(), digest, edition, body, name, signer, subject=edition.subject)


def name(subscriber: int) -> str:
    """What stands before the @ in a Message-ID."""
    return f"{subscriber:032x}"


def parsed(raw: bytes) -> EmailMessage:
    """`raw` as Python's strictest parser reads it, which must find nothing wrong in any header or part."""
    message = message_from_bytes(raw, policy=STRICT)
    assert isinstance(message, EmailMessage)
    for part in message.walk():
        assert part.defects == []
        for name, value in part.items():
            assert value.defects == (), (name, value.defects)
    return message


def contents(raw: bytes) -> tuple[str, str]:
    r"""HTML and text of a message, their lines ending in ``\n``."""
    text, html = parsed(raw).iter_parts()
    return html.get_content().replace("\r\n", "\n"), text.get_content().replace("\r\n", "\n")


def fields(raw: bytes) -> list[str]:
    """The lines of a message's header block."""
    return raw.partition(b"\r\n\r\n")[0].decode("ascii").split("\r\n")
