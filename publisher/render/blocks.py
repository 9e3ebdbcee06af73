"""The body of an article as HTML: for its page and for feeds that hold whole articles."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape

import nh3

from publisher.characters import FORBIDDEN
from publisher.model import Article, Block, BlockKind

_FORBIDDEN = re.compile(f"[{FORBIDDEN}]")
_WRAP = {
    BlockKind.PARAGRAPH: "<p>{}</p>",
    BlockKind.HEADING: "<h2>{}</h2>",
    BlockKind.QUOTE: "<blockquote><p>{}</p></blockquote>",
    BlockKind.LIST: "<ul><li>{}</li></ul>",
    BlockKind.CODE: "<pre><code>{}</code></pre>",
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
    parts: list[str] = []
    position = 0
    while position < len(blocks):
        block = blocks[position]
        caption = _caption_after(blocks, position)
        parts.append(_element(block, caption, base_url))
        position += 2 if caption else 1
    return without_controls("\n".join(filter(None, parts)))


def _caption_after(blocks: Sequence[Block], position: int) -> Block | None:
    """The caption that stands right behind the picture at `position`."""
    following = blocks[position + 1 : position + 2]
    if blocks[position].kind is BlockKind.IMAGE and following and following[0].kind is BlockKind.CAPTION:
        return following[0]
    return None


def _element(block: Block, caption: Block | None, base_url: str) -> str:
    if block.kind is BlockKind.IMAGE:
        return _figure(_clean(block.html, base_url), caption, base_url)
    if block.kind is BlockKind.CAPTION:
        return _figure("", block, base_url)
    inner = _inner(block, base_url)
    if not inner.strip():
        return ""
    # The page's own title is the h1.
    inner = _TOP_HEADING.sub(r"\1h2", inner)
    return inner if block.html and _WHOLE.match(inner) else _WRAP[block.kind].format(inner)


def _figure(picture: str, caption: Block | None, base_url: str) -> str:
    words = f"<figcaption>{_inner(caption, base_url)}</figcaption>" if caption else ""
    return f"<figure>{picture}{words}</figure>" if picture or words else ""


def _inner(block: Block, base_url: str) -> str:
    """What stands inside the block's element, or the whole element where `html` brings its own."""
    if block.html:
        return _clean(block.html, base_url)
    text = escape(block.text, quote=False)
    return text.replace("\n", "</li><li>") if block.kind is BlockKind.LIST else text


def weight_of(article: Article) -> int:
    """About the bytes that an article takes in a feed, rather too many than too few."""
    body = _weight(article.blocks)
    labels = (*article.authors, *(keyword.label for keyword in article.keywords))
    # Everything but the body is said at least twice, and each label with an address.
    words = sum(3 * _marked(text) for text in (article.title, article.summary, *labels))
    frame = 2_000 + 400 * (len(labels) + len(article.pictures))
    return frame + words + (body if body <= LARGEST_ENTRY else 0)


def fits_a_feed(article: Article) -> bool:
    """Whether feeds hold the whole article, and not only its summary."""
    letters = sum(len(block.text) + len(block.html) for block in article.blocks)
    return letters < LARGEST_ENTRY // 100 or _weight(article.blocks) <= LARGEST_ENTRY


def _weight(blocks: Sequence[Block]) -> int:
    """Escaping makes marks longer, and links absolute."""
    total = 0
    for block in blocks:
        total += _marked(block.html or block.text) + 64 + 150 * block.html.count("<")
    return total


def _marked(text: str) -> int:
    return len(text.encode()) + 8 * sum(map(text.count, '&<>"\n\\'))


def _clean(html: str, base_url: str) -> str:
    # Figures are taken off because a picture and its caption get one of their own here.
    return nh3.clean(
        html,
        tags=_BARE_TAGS,
        url_schemes=_SCHEMES,
        url_relative=("rewrite_with_base", base_url),
        attribute_filter=_led_somewhere,
    ).strip()


def _led_somewhere(tag: str, attribute: str, value: str) -> str | None:
    """No picture from a mailbox, no link without a host: browsers would look for both on this site."""
    if attribute not in ("href", "src", "cite"):
        return value
    if attribute == "href" and value[:7].lower() == "mailto:":
        return value
    return value if _WEB.match(value) or not _SCHEME.match(value) else None
