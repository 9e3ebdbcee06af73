"""Readers of a running site: who they are, what came to their mailboxes, and the links in it."""

from __future__ import annotations

import re
import time

from webapp import WebApp

from publisher.model import Subscriber, SubscriberState

LINK = re.compile(r"http://127\.0\.0\.1:\d+(/confirm/\S+)")


def person(web: WebApp, address: str) -> Subscriber | None:
    return web.site.store.subscriber_with_key(address)


def letters_to(web: WebApp, address: str, count: int = 1) -> list[str]:
    """The texts of mails that ask this address to confirm, when there are so many."""
    for _ in range(200):
        found = [message for message in web.folder.messages() if message["To"] == address]
        found = [message for message in found if message["Message-ID"].startswith("<confirm.")]
        if len(found) >= count:
            break
        time.sleep(0.05)  # they leave in a thread
    bodies = [message.get_body(("plain",)) for message in found]
    return [body.get_content() for body in bodies if body is not None]


def link_to(web: WebApp, address: str) -> str:
    found = LINK.search(letters_to(web, address)[-1])
    assert found
    return found[1]


def active(web: WebApp, address: str, **fields: object) -> Subscriber:
    """Somebody who subscribed and confirmed."""
    assert web.subscribe(address, **fields).status == 200
    assert web.post(link_to(web, address)).status == 200
    found = person(web, address)
    assert found is not None
    assert found.state is SubscriberState.ACTIVE
    return found
