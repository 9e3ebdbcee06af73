"""Parts of editions → letters: each body is composed once, kept for repeats, and shared by all who get it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from email.utils import parseaddr
from functools import lru_cache

from publisher import addresses, mailboxes
from publisher.config import Config, Digest
from publisher.errors import RenderError
from publisher.mailing import SLOTS, Body, Letter, Outgoing, Person, dkim, tokens, verp
from publisher.mailing.headers import unsubscribe_url
from publisher.model import Article, Delivery, Edition, Part
from publisher.render.digest import DigestMail, Links

_AT_HAND = 500
"""Articles that are kept at hand."""

Fetch = Callable[[Sequence[str]], Mapping[str, Article]]


class Letters:
    """Writes letters for one site; `secret` is that of the site."""

    def __init__(self, config: Config, mail: DigestMail, fetch: Fetch, secret: str) -> None:
        self._config, self._mail, self._fetch, self._secret = config, mail, fetch, secret
        self._web = config.web.url.rstrip("/") + "/" if config.web.url else ""
        self._signer = dkim.signer_of(config)
        self._sender = mailboxes.on_the_wire(parseaddr(config.mail.sender)[1])
        self._returns = config.mail.bounces.address
        self._leave = unsubscribe_url(self._returns or self._sender, "")  # a token stands in a URL as it is
        self._articles: dict[str, Article] = {}

    def digest(self, edition: Edition) -> Digest:
        """The digest of an edition (`publisher.errors.RenderError` where it left the configuration)."""
        for digest in self._config.digest:
            if digest.name == edition.digest:
                return digest
        raise RenderError(f"digest {edition.digest}: no longer in the configuration; its edition waits")

    def compose(self, edition: Edition, part: Part) -> Body:
        """The body of a part, as articles and templates are now (`publisher.errors.RenderError`)."""
        articles = self._fetched((*part.shown, *part.corrections))
        preferences = SLOTS["preferences"] if self._web else ""
        links = Links(SLOTS["unsubscribe"], preferences, SLOTS["address"])
        return Body.compose(*self._mail.compose(self.digest(edition), edition, part, articles, links))

    def _fetched(self, ids: Sequence[str]) -> dict[str, Article]:
        """Articles by id; parts of an edition have most of theirs in common."""
        if len(self._articles) > _AT_HAND:
            self._articles.clear()
        if absent := [key for key in ids if key not in self._articles]:
            self._articles |= self._fetch(absent)
        return {key: self._articles[key] for key in ids if key in self._articles}

    def letter(self, edition: Edition, part: Part, number: int, body: Body, subject: str = "") -> Letter:
        """What the messages of a part share; `number` is the edition's in the ledger, `subject` the part's own."""
        digest, secret = self.digest(edition), self._secret
        subject = subject or self._mail.subject_of(digest, edition, part)

        @lru_cache(maxsize=1)  # asked for twice for each message
        def name(subscriber: int) -> str:
            return verp.message_name(secret, number, subscriber)

        return Letter(self._config, digest, edition, body, name, self._signer, subject=subject)

    def outgoing(self, letter: Letter, digest: str, delivery: Delivery) -> Outgoing:
        """The message of a delivery (`publisher.errors.DeliveryError` where its address cannot be written to)."""
        address = mailboxes.on_the_wire(delivery.address)
        number = delivery.subscriber
        token = tokens.sign(self._secret, "unsubscribe", number, digest)
        person = Person(
            number,
            address,
            self._leave + token,
            self._web and self._web + addresses.unsubscribe(token),
            self._web and self._web + addresses.preferences(tokens.sign(self._secret, "preferences", number)),
        )
        sender = self._sender
        if self._returns:
            sender = verp.encode(self._secret, self._returns, delivery.number, number)
        key = (delivery.number, number)
        return Outgoing(key, letter.name(number), sender, address, letter.pieces_to(person))
