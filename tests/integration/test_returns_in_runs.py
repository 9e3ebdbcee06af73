"""A run hears what came back before it sends: who may not be mailed any more is not."""

from __future__ import annotations

from datetime import timedelta

from conftest import NOW, Site

from publisher.mailing import verp
from publisher.model import SubscriberState

REPORT = """\
From: MAILER-DAEMON@example.org
To: {to}
Delivered-To: {to}
Subject: Undelivered Mail Returned to Sender
Date: Wed, 25 Nov 2026 06:05:00 +0700
Message-ID: <report@example.org>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

No such user.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.org

Final-Recipient: rfc822; desk@example.org
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 no such user

--b--
"""


def test_a_hard_bounce_keeps_the_next_edition_from_its_address(site: Site) -> None:
    site.change(
        'sender = "Tin thử <news@example.org>"',
        'sender = "Tin thử <news@example.org>"\n\n[mail.bounces]\naddress = "b@example.org"\nmaildir = "back"',
    )
    site.article("a.txt", "Bài một")
    assert site.run().counts["sent"] == 1
    with site.reading() as store:
        (delivery,) = store.deliveries()
        secret = store.known_setting("secret")
    to = verp.encode(secret, "b@example.org", delivery.number, delivery.subscriber)
    (message,) = site.messages()
    assert verp.named_in(secret, str(message["Message-ID"])) == (delivery.number, delivery.subscriber)
    box = site.root / "back"
    for part in ("new", "cur", "tmp"):
        (box / part).mkdir(parents=True)
    (box / "new/1").write_text(REPORT.format(to=to), encoding="utf-8")
    site.article("b.txt", "Bài hai", date="17:26 24/11/2026")
    outcome = site.run(NOW + timedelta(days=1))
    assert (outcome.counts["reports"], outcome.counts["sent"], len(site.messages())) == (1, 0, 1)
    assert list((box / "new").iterdir()) == []
    with site.reading() as store:
        found = store.subscriber(delivery.subscriber)
    assert found is not None
    assert found.state is SubscriberState.BOUNCED
