"""The body of an article as HTML: for its page and for feeds that hold whole articles."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from html import escape

import nh3

from publisher.characters import FORBIDDEN, any_of
from publisher.model import Article, Block, BlockKind, Draft

_FORBIDDEN = any_of(FORBIDDEN)
_WRAP = {
    BlockKind.PARAGRAPH: ("<p>", "</p>"),
    BlockKind.HEADING: ("<h2>", "</h2>"),
    BlockKind.QUOTE: ("<blockquote><p>", "</p></blockquote>"),
    BlockKind.LIST: ("<ul><li>", "</li></ul>"),
    BlockKind.CODE: ("<pre><code>", "</code></pre>"),
}
_WHOLE = re.compile(r"<(p|h[1-6]|blockquote|[uod]l|pre|table|div|hr)\b")
_TOP_HEADING = re.compile(r"(</?)h1\b")
LARGEST_ENTRY = 1_000_000
"""Bytes; feeds hold the summary of a longer article."""

_SCHEMES = {"http", "https", "mailto"}
_WEB = re.compile(r"https?://[^/?#]", re.IGNORECASE)
_SCHEME = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*:")
_BARE_TAGS = nh3.ALLOWED_TAGS - {"figure", "figcaption"}


def without_controls(text: str) -> str:
    """The text without what XML forbids and mail clients stumble over."""
    if text.replace("\n", " ").isprintable():  # nothing that is can be forbidden, and it is told at once
        return text
    return _FORBIDDEN.sub("", text)


def html_of(article: Article, page_url: str) -> str:
    """The body of an article without the pictures whose files are not there."""
    absent = [f'src="{picture.url}"' for picture in article.pictures if not picture.shown]
    blocks = article.blocks
    if absent:
        blocks = tuple(block for block in blocks if not any(source in block.html for source in absent))
    return to_html(blocks, page_url)


def to_html(blocks: Sequence[Block], base_url: str) -> str:
    """The blocks as HTML, one element a line; relative links become absolute against `base_url`."""
    return without_controls("\n".join(filter(None, _elements(blocks, base_url))))


def _elements(blocks: Sequence[Block], base_url: str) -> Iterator[str]:
    picture: Block | None = None
    for block in blocks:
        if picture:
            caption = block if block.kind is BlockKind.CAPTION else None
            yield _figure(picture, caption, base_url)
            picture = None
            if caption:
                continue
        if block.kind is BlockKind.IMAGE:
            picture = block
        elif block.kind is BlockKind.CAPTION:
            yield _figure(None, block, base_url)
        else:
            yield _element(block, base_url)
    if picture:
        yield _figure(picture, None, base_url)


def _element(block: Block, base_url: str) -> str:
    inner = _inner(block, base_url)
    if not inner or inner.isspace():
        return ""
    if block.html:
        # The page's own title is the h1.
        inner = _TOP_HEADING.sub(r"\1h2", inner)
        if _WHOLE.match(inner):
            return inner
    before, after = _WRAP[block.kind]
    return f"{before}{inner}{after}"


def _figure(picture: Block | None, caption: Block | None, base_url: str) -> str:
    """A picture, a caption, or a picture with the caption that stands right behind it."""
    image = _clean(picture.html, base_url) if picture else ""
    words = f"<figcaption>{_inner(caption, base_url)}</figcaption>" if caption else ""
    return f"<figure>{image}{words}</figure>" if image or words else ""


def _inner(block: Block, base_url: str) -> str:
    """What stands inside the block's element, or the whole element where `html` brings its own."""
    if block.html:
        return _clean(block.html, base_url)
    text = escape(block.text, quote=False)
    return text.replace("\n", "</li><li>") if block.kind is BlockKind.LIST else text


def weight_of(said: Draft | Article) -> int:
    """About the bytes that an article takes in a feed without its keywords, rather too many than too few."""
    # Everything but the body is said at least twice.
    words = sum(3 * _marked(text) for text in (said.title, said.summary))
    body = body_weight(said.blocks)
    frame = 2_000 + 400 * len(said.pictures)
    return frame + words + weight_of_labels(said.authors) + (body if body <= LARGEST_ENTRY else 0)


def weight_of_labels(labels: Iterable[str]) -> int:
    """About the bytes that keywords or authors take, each with an address."""
    return sum(400 + 3 * _marked(label) for label in labels)


def fits_a_feed(article: Article) -> bool:
    """Whether feeds hold the whole article, and not only its summary."""
    letters = sum(len(block.text) + len(block.html) for block in article.blocks)
    return letters < LARGEST_ENTRY // 100 or body_weight(article.blocks) <= LARGEST_ENTRY


def body_weight(blocks: Sequence[Block]) -> int:
    """About the bytes of a body in a feed: escaping makes marks longer, and links absolute."""
    marks = sum(block.html.count("<") for block in blocks if block.html)
    return _marked("".join([block.html or block.text for block in blocks])) + 64 * len(blocks) + 150 * marks


def _marked(text: str) -> int:
    return len(text.encode()) + 8 * sum(map(text.count, '&<>"\n\\'))


def _clean(html: str, base_url: str) -> str:
    return _cleaner(base_url).clean(html).strip()


@lru_cache(maxsize=1)
def _cleaner(base_url: str) -> nh3.Cleaner:
    """One for the blocks of an article, since making it costs more than using it."""
    return nh3.Cleaner(
        tags=_BARE_TAGS,  # figures are taken off: a picture and its caption get one of their own here
        url_schemes=_SCHEMES,
        url_relative=("rewrite_with_base", base_url),
        attribute_filter=_led_somewhere,
    )


def _led_somewhere(tag: str, attribute: str, value: str) -> str | None:
    """No picture from a mailbox, no link without a host: browsers would look for both on this site."""
    if attribute not in ("href", "src", "cite"):
        return value
    if attribute == "href" and value[:7].lower() == "mailto:":
        return value
    return value if _WEB.match(value) or not _SCHEME.match(value) else None
