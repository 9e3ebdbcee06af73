"""A CommonMark text as top-level blocks, each with its plain text and its sanitised HTML."""

from __future__ import annotations

import html
from collections.abc import Iterator, Sequence

import nh3
from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from publisher.errors import SeedError
from publisher.model import Block, BlockKind
from publisher.reading.cleaning import clean

_LONGEST_INLINE = 20_000
"""Characters; links and emphasis are not looked for in longer paragraphs, for that takes time squared."""
_LONGEST_LINE = 1_000_000

_TAGS = {
    "p",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "em",
    "strong",
    "code",
    "pre",
    "a",
    "img",
    "ul",
    "ol",
    "li",
    "blockquote",
    "br",
}
_ATTRIBUTES = {"a": {"href", "title"}, "img": {"src", "alt", "title"}, "ol": {"start"}}
_SCHEMES = {"http", "https", "mailto"}
_KINDS = {
    "heading_open": BlockKind.HEADING,
    "blockquote_open": BlockKind.QUOTE,
    "bullet_list_open": BlockKind.LIST,
    "ordered_list_open": BlockKind.LIST,
    "fence": BlockKind.CODE,
    "code_block": BlockKind.CODE,
}


def blocks_of(text: str) -> list[tuple[int, Block]]:
    """The blocks of `text`, each with its level as a heading, or 0."""
    if max(map(len, text.split("\n"))) > _LONGEST_LINE:
        raise SeedError("a line of more than a million characters", hint="break it into paragraphs")
    try:
        tokens = _MARKDOWN.parse(text)
        return [(_level(part[0]), block) for part in _parts(tokens) for block in _blocks(part)]
    except Exception as fault:
        # Whatever trips the parser is the seed's own fault: it goes to quarantine, the run goes on.
        raise SeedError(f"Markdown that cannot be parsed: {type(fault).__name__}") from fault


def _inline_within_reason(state: StateCore) -> None:
    for token in state.tokens:
        if token.type != "inline":
            continue
        token.children = []
        if len(token.content) <= _LONGEST_INLINE:
            state.md.inline.parse(token.content, state.md, state.env, token.children)
        else:
            token.children.append(Token("text", "", 0, content=token.content))


def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False})
    parser.core.ruler.at("inline", _inline_within_reason)
    return parser


_MARKDOWN = _parser()


def _parts(tokens: Sequence[Token]) -> Iterator[Sequence[Token]]:
    """The tokens of each top-level element."""
    start = depth = 0
    for index, token in enumerate(tokens):
        depth += token.nesting
        if depth == 0:
            yield tokens[start : index + 1]
            start = index + 1


def _level(token: Token) -> int:
    return int(token.tag[1]) if token.type == "heading_open" else 0


def _blocks(part: Sequence[Token]) -> Iterator[Block]:
    kind = _KINDS.get(part[0].type, BlockKind.PARAGRAPH)
    text = clean(_text(part)).strip()
    if kind is BlockKind.PARAGRAPH and (images := _images(part)):
        for image in images:
            yield from _image(image)
        return
    rendered = _sanitised(part)
    if text or "<img" in rendered:
        yield Block(kind, text, "" if _is_plain(rendered, text) else rendered)


def _images(part: Sequence[Token]) -> list[Token]:
    """The images of a paragraph that holds nothing else."""
    children = [child for token in part for child in token.children or ()]
    images = [child for child in children if child.type == "image"]
    others = (child for child in children if child.type not in ("image", "softbreak", "hardbreak"))
    return [] if any(child.content.strip() or child.nesting for child in others) else images


def _image(token: Token) -> Iterator[Block]:
    rendered = _sanitised([Token("inline", "", 0, children=[token])])
    text = clean(_inline_text([token])).strip()
    if "src=" in rendered:
        yield Block(BlockKind.IMAGE, text, rendered)
    elif text:
        yield Block(BlockKind.PARAGRAPH, text)


def _sanitised(tokens: Sequence[Token]) -> str:
    rendered = _MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {})
    safe = nh3.clean(
        rendered, tags=_TAGS, attributes=_ATTRIBUTES, url_schemes=_SCHEMES, link_rel=None, strip_comments=True
    )
    # XML knows no &nbsp;
    return clean(safe.replace("&nbsp;", "\u00a0")).strip()


def _is_plain(rendered: str, text: str) -> bool:
    """Whether the elements around the text say no more than the block's kind does."""
    if "<a " in rendered or "<img" in rendered:
        return False
    bare = rendered
    for tag in ("pre", "code") if rendered.startswith("<pre>") else ("blockquote", "p"):
        bare = bare.strip().removeprefix(f"<{tag}>").removesuffix(f"</{tag}>")
    if rendered[:2] == "<h":
        bare = rendered[4:-5]
    return bool(text) and "<" not in bare and html.unescape(bare).split() == text.split()


def _text(part: Sequence[Token]) -> str:
    pieces = (
        _inline_text(token.children or ()) if token.type == "inline" else token.content
        for token in part
        if token.type in ("inline", "fence", "code_block")
    )
    return "\n".join(pieces)


def _inline_text(children: Sequence[Token]) -> str:
    return "".join(
        " " if child.type in ("softbreak", "hardbreak")
        else _inline_text(child.children or ()) if child.type == "image"
        else child.content
        for child in children
    )  # fmt: skip
