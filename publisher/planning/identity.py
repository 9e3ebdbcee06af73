"""Who is who: ids and digests, made from content and never from a counter. Pure."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from urllib.parse import urlsplit
from uuid import NAMESPACE_URL, UUID, uuid5

from publisher.model import Article, Draft


def digest_of(parts: Iterable[object]) -> str:
    """A short digest of a sequence of values: equal sequences, equal digests, on every machine."""
    raw = [str(part).encode("utf-8", "surrogatepass") for part in parts]
    framed = b"".join([len(each).to_bytes(8, "big") + each for each in raw])
    return hashlib.blake2b(framed, digest_size=16).hexdigest()


def site_identity(configured: str, remembered: str, url: str) -> str:
    """The name from which ids are made: it stays when the site changes its address."""
    return configured or remembered or (urlsplit(url).hostname or url)


class Names:
    """Gives ids within one site; `identity` as from `site_identity`."""

    def __init__(self, identity: str) -> None:
        self.site = identity
        self._site: UUID = uuid5(NAMESPACE_URL, f"publisher:{identity}")

    def urn(self, kind: str, name: str) -> str:
        """An IRI for something of this site (RFC 9562, section 5.5; RFC 4287, section 4.2.6)."""
        return f"urn:uuid:{self.uuid(kind, name)}"

    def uuid(self, kind: str, name: str) -> str:
        """The same, bare."""
        return str(uuid5(self._site, f"{kind}:{name}"))


def secret_name(secret: str, purpose: str, *parts: str) -> str:
    """A name that nobody can guess who has not the secret; 32 hexadecimal digits."""
    message = "\x00".join((purpose, *parts)).encode()
    return hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()[:32]


def content_digest(draft: Draft) -> str:
    """What was read from a seed, as a digest: two seeds that read alike are alike.

    When and where a picture's file was written says nothing of the article, so neither is in it.
    """
    blocks = [part for block in draft.blocks for part in (block.kind, block.text, block.html)]
    pictures = [part for picture in draft.pictures for part in (picture.url, picture.type, picture.length)]
    return digest_of(
        [
            *(draft.title, draft.published.isoformat(), draft.summary, draft.language, draft.updated or ""),
            *("authors", *draft.authors, "keywords", *draft.keywords, "blocks", *blocks),
            # Without pictures it is what it was before there were any.
            *(("pictures", *pictures) if pictures else ()),
        ]
    )


def version_of(article: Article, digest: str) -> str:
    """Everything that is shown of an article, as a digest."""
    labels = [f"{keyword.slug}={keyword.label}" for keyword in article.keywords]
    return digest_of([digest, article.page, article.updated.isoformat(), *labels])
