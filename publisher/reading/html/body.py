"""The article's own blocks on a page: where most of its prose is, without what surrounds and interrupts it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from html import escape
from itertools import islice
from urllib.parse import urljoin

from publisher.model import Block, BlockKind
from publisher.reading.html.tree import Node, attribute, lines_of, text_of

_MOST = 0.6
"""An element that holds this part of a page's prose holds the article; the deepest of them does."""
_MOST_BLOCKS = 10_000
_SHORTEST = 40
"""Characters of a paragraph that counts as prose."""
_LINKED = 0.5
"""The part of a block's letters that may be links."""
_FOREIGN = re.compile(
    r"related|share|social|comment|newsletter|promo|advert|\bads?\b|sponsor|subscri|paywall|sidebar|breadcrumb"
    r"|footer|\bnav|menu|cookie|consent|recirc|recommend|read-?more|more-?(?:on|news|stories)|\btags?\b|keywords"
    r"|author-?(?:bio|info|card|box)|signup|sign-up|login|popup|modal|hidden|sr-only|visually|copyright|most-?read"
    r"|lien-quan|binh-luan|tin-khac|box-?category|banner|survey|audio-?player|video-?player|toolbar|meta\b",
    re.IGNORECASE,
)
_PASSED = (
    "nav aside footer form button select input textarea label dialog menu script style noscript template iframe"
    " object svg canvas video audio head header"
)
_BLOCKS = {
    "p": BlockKind.PARAGRAPH,
    **dict.fromkeys(("h2", "h3", "h4", "h5", "h6"), BlockKind.HEADING),
    "blockquote": BlockKind.QUOTE,
    "ul": BlockKind.LIST,
    "ol": BlockKind.LIST,
    "pre": BlockKind.CODE,
    "figcaption": BlockKind.CAPTION,
    "img": BlockKind.IMAGE,
}
_INLINE = "a b strong i em u s q cite code sub sup abbr mark small time span br font"
_KEPT = {"a": ("href", "title"), "abbr": ("title",), "ol": ("start",)}
_MARKS = "a strong em b i code sub sup q cite abbr li ol ul p"


def blocks_of(root: Node, url: str) -> tuple[Block, ...]:
    """The blocks of the article in a page; links are made absolute with `url`, and left out where they cannot be."""
    home = _home(root, _prose(root))
    if home is None:  # a few words, of which nothing can be told but what the page calls them
        home = next((node for name in ("article", "main") for node in root.iter(name)), None)
    return _first_blocks(home, url) if home is not None else ()


def all_blocks(root: Node, url: str) -> tuple[Block, ...]:
    """The blocks of HTML that is nothing but an article, or a part of one, in whatever elements."""
    found = _first_blocks(root, url)
    if any(block.kind is not BlockKind.IMAGE for block in found):
        return found
    return (*found, *(Block(BlockKind.PARAGRAPH, line) for line in lines_of(root)))


def _first_blocks(home: Node, url: str) -> tuple[Block, ...]:
    """The blocks in an element, each once; no article has more than there is room for."""
    every = (block for node in _walk(home) for block in _blocks(node, url))
    return tuple(dict.fromkeys(islice(every, _MOST_BLOCKS)))


def _prose(root: Node) -> list[tuple[Node, int]]:
    """Each element that holds prose itself, with how much, but for what stands in small foreign parts of the page."""
    found = [
        (node, weight)
        for node in root.iter("p", "div", "td", "li", "section", "article")
        if (weight := _weight(node))
    ]
    held = _held(found)
    whole = held[root]
    foreign = {
        node for node in held if _is_passed(node) or (_is_foreign(node) and held[node] < _MOST * whole)
    }
    return [(node, weight) for node, weight in found if foreign.isdisjoint((node, *node.iterancestors()))]


def _held(found: list[tuple[Node, int]]) -> Counter[Node]:
    """How much prose every element holds, with all that is in it."""
    held: Counter[Node] = Counter()
    for node, weight in found:
        for each in (node, *node.iterancestors()):
            held[each] += weight
    return held


def _home(root: Node, prose: list[tuple[Node, int]]) -> Node | None:
    """The deepest element that holds most of the page's prose."""
    weights = _held(prose)
    whole = weights[root]
    if not whole:
        return None
    home = root
    while True:
        inside = max(home, key=lambda child: weights[child], default=None)
        if inside is None or weights[inside] < _MOST * whole or inside.tag in _BLOCKS or _holds_words(inside):
            return home
        home = inside


def _weight(node: Node) -> int:
    """Characters of prose that an element holds itself; elements that only hold others have none."""
    if node.tag != "p" and not _holds_words(node):
        return 0
    text = text_of(node)
    if len(text) < _SHORTEST or _linked(node, text) > _LINKED:
        return 0
    return len(text)


def _holds_words(node: Node) -> bool:
    """Whether words stand in an element itself, among nothing but inline elements, as old pages have it."""
    if any(child.tag not in _INLINE.split() for child in node):
        return False
    return any(part and not part.isspace() for part in (node.text, *(child.tail for child in node)))


def _linked(node: Node, text: str) -> float:
    inside = sum(len(text_of(link)) for link in node.iter("a") if link.getparent().tag != "a")
    return inside / max(1, len(text))


def _is_passed(node: Node) -> bool:
    """Whether an element is never part of an article, or never seen."""
    if node.tag in _PASSED.split():
        return True
    if "none" in attribute(node, "style").replace(" ", "").partition("display:")[2][:4]:
        return True
    return node.get("hidden") is not None or attribute(node, "aria-hidden") == "true"


def _is_foreign(node: Node) -> bool:
    """The same, or named as what stands around an article; some sites call the article's own column so."""
    if _is_passed(node):
        return True
    named = f"{attribute(node, 'class')} {attribute(node, 'id')} {attribute(node, 'role')}"
    return node.tag not in ("body", "html", "article", "main") and _FOREIGN.search(named) is not None


def _walk(home: Node) -> Iterator[Node]:
    """Elements that are blocks, in reading order; nothing in a block is one again."""
    for child in home:
        if not isinstance(child.tag, str) or _is_foreign(child):
            continue
        if child.tag in _BLOCKS or (child.tag not in _INLINE.split() and _holds_words(child)):
            yield child
            if child.tag in ("p", "div"):
                yield from child.iter("img")
        else:
            yield from _walk(child)


def _blocks(node: Node, url: str) -> Iterator[Block]:
    """The block of an element, or those of old pages, whose paragraphs are broken lines."""
    lines = lines_of(node) if node.tag not in _BLOCKS or node.find(".//br") is not None else []
    if len(lines) > 1 and _BLOCKS.get(node.tag, BlockKind.PARAGRAPH) is BlockKind.PARAGRAPH:
        yield from (Block(BlockKind.PARAGRAPH, line) for line in lines)
    elif (block := _block(node, url)) is not None:
        yield block


def _block(node: Node, url: str) -> Block | None:
    kind = _BLOCKS.get(node.tag, BlockKind.PARAGRAPH)
    if kind is BlockKind.IMAGE:
        return _image(node, url)
    text = (
        "\n".join(filter(None, map(text_of, node.iterchildren("li"))))
        if kind is BlockKind.LIST
        else text_of(node)
    )
    if not text or (kind is not BlockKind.CAPTION and _linked(node, text) > _LINKED and len(text) < 200):
        return None
    if kind is BlockKind.CODE:
        return Block(kind, text, f"<pre><code>{escape(node.text_content())}</code></pre>")
    marked = (
        _marked(node, url) if any(each.tag in ("a", "strong", "em", "b", "i") for each in node.iter()) else ""
    )
    return Block(kind, text, _wrapped(node, kind, " ".join(marked.split())))


def _wrapped(node: Node, kind: BlockKind, marked: str) -> str:
    if not marked:
        return ""
    if kind is BlockKind.LIST:
        return f"<{node.tag}>{marked}</{node.tag}>"
    if kind is BlockKind.QUOTE:
        return f"<blockquote>{marked}</blockquote>"
    return marked


def _image(node: Node, url: str) -> Block | None:
    """A picture of some size, from where it is loaded late too."""
    sources = (attribute(node, name) for name in ("data-src", "data-original", "src"))
    source = next((each for each in sources if each and not each.startswith("data:")), "")
    sizes = [attribute(node, name) for name in ("width", "height")]
    if not source or any(size.isdigit() and int(size) < 80 for size in sizes):
        return None
    alt, address = attribute(node, "alt"), _absolute(source, url)
    if not address:
        return None
    return Block(BlockKind.IMAGE, alt, f'<img src="{escape(address)}" alt="{escape(alt)}">')


def _marked(node: Node, url: str) -> str:
    """What is in an element as HTML of a few marks; whoever shows it cleans it again."""
    parts = [escape(node.text or "", quote=False)]
    for child in node:
        if isinstance(child.tag, str) and not _is_foreign(child):
            inner = _marked(child, url)
            parts.append(
                f"<{child.tag}{_attributes(child, url)}>{inner}</{child.tag}>"
                if _keeps(child, url)
                else inner
            )
        parts.append(escape(child.tail or "", quote=False))
    return "".join(parts)


def _keeps(node: Node, url: str) -> bool:
    if node.tag == "a":
        return bool(_link(node, url))
    return node.tag in _MARKS.split()


def _attributes(node: Node, url: str) -> str:
    values = {name: attribute(node, name) for name in _KEPT.get(node.tag, ()) if attribute(node, name)}
    if node.tag == "a":
        values["href"] = _link(node, url)
    return "".join(f' {name}="{escape(value)}"' for name, value in values.items())


def _link(node: Node, url: str) -> str:
    whole = _absolute(attribute(node, "href"), url)
    return whole if whole.startswith(("http://", "https://", "mailto:")) else ""


def _absolute(address: str, url: str) -> str:
    """An address as it was meant on the page at `url`, if that is known; empty where it is none."""
    try:
        return urljoin(url, address)
    except ValueError:
        return ""
