"""The pictures of an article: where its draft names them, what lies beside its seed, how they are called. Pure."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import replace
from pathlib import PurePosixPath
from urllib.parse import quote, unquote, urlsplit

from publisher.model import Block, Draft, Picture, SeedFile
from publisher.states import PICTURE_TYPES

_LONGEST_NAME = 60
_NAMELESS = "picture"

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_AUTHORITY = re.compile(r"[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+(?::[0-9]+)?")
"""A host with a name in the DNS: no user and no password, which would be published, and nothing of this machine."""
_TAIL = re.compile("[?#]")
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f]")
_NEITHER = re.compile("[^a-z0-9]+")
# Attributes are matched whole, for a ">" or an "<img" may stand in the value of another.
_TAG = re.compile(r"""<[A-Za-z](?:[^<>"']|"[^"]*"|'[^']*')*+>""")
_IMG = re.compile(r"<img[\s/]", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""([^\s"'=<>/]+)\s*=\s*("[^"]*"|'[^']*')""")
_RESERVED = "/:@!$&'()*+,;=~%"


def attach(draft: Draft, seed_path: str, pictures: Mapping[str, SeedFile]) -> Draft:
    """`draft` with its pictures, each once and in reading order, and with their new addresses in its blocks.

    `pictures` are those of the seeds folder, by path in NFC. What stands in ``draft.pictures``
    comes first: of it only `url` is asked, a path or an address as it was written. What is no
    picture, or lies outside the seeds folder, stays in the blocks as it is and is not listed.
    """
    if not draft.pictures and not any(_IMG.search(block.html) for block in draft.blocks):
        return draft
    album = _Album(seed_path, pictures)
    for named in draft.pictures:
        album.take(named.url)
    blocks = tuple(album.block(block) for block in draft.blocks)
    return replace(draft, blocks=blocks, pictures=tuple(album.taken.values()))


def path_key(path: str) -> str:
    """`path` as paths are compared: one name may be written in more than one Unicode form."""
    return unicodedata.normalize("NFC", path)


class _Album:
    """The pictures of one article as they are found: `taken` has them by path or address."""

    def __init__(self, seed_path: str, files: Mapping[str, SeedFile]) -> None:
        self._folder = PurePosixPath(path_key(seed_path)).parts[:-1]
        self._files = files
        self._names: set[str] = set()
        self._counts: dict[str, int] = {}
        self.taken: dict[str, Picture] = {}

    def block(self, block: Block) -> Block:
        """The block with the addresses that its pictures get."""
        if not _IMG.search(block.html):
            return block
        rewritten = _TAG.sub(self._tag, block.html)
        return block if rewritten == block.html else block._replace(html=rewritten)

    def take(self, src: str) -> str:
        """List the picture that `src` names, where it names one; its address on the article's page."""
        named = src.strip()
        if _SCHEME.match(named):
            if picture := _elsewhere(named):
                self.taken.setdefault(picture.url, picture)
            return src
        path = self._path(named)
        if not path:
            return src
        if path not in self.taken:
            self.taken[path] = self._beside(path)
        return self.taken[path].url

    def _tag(self, tag: re.Match[str]) -> str:
        whole = tag[0]
        if not _IMG.match(whole):
            return whole
        for attribute in _ATTRIBUTE.finditer(whole):
            if attribute[1].lower() == "src":
                before, after = whole[: attribute.start(2)], whole[attribute.end(2) :]
                src = html.unescape(attribute[2][1:-1])
                address = self.take(src)
                return whole if address == src else f'{before}"{html.escape(address)}"{after}'
        return whole

    def _path(self, src: str) -> str:
        """The file below the seeds folder that a relative `src` names; empty where it names none."""
        path = self._below(_decoded(_TAIL.split(src, maxsplit=1)[0]))
        if path in self._files:
            return path
        # A path in front matter may hold what would be syntax in an address.
        literal = self._below(src)
        return literal if literal in self._files else path

    def _below(self, path: str) -> str:
        if path.startswith("/") or _CONTROLS.search(path) or _suffix(path) not in PICTURE_TYPES:
            return ""
        parts = list(self._folder)
        for part in path.split("/"):
            if part == "..":
                if not parts:
                    return ""
                parts.pop()
            elif part not in ("", "."):
                parts.append(path_key(part))
        return "/".join(parts)

    def _beside(self, path: str) -> Picture:
        url, kind = self._name(path), PICTURE_TYPES[_suffix(path)]
        file = self._files.get(path)
        if file is None:
            return Picture(url, kind, source=path)
        return Picture(url, kind, length=file.size, source=file.path, mtime_ns=file.mtime_ns)

    def _name(self, path: str) -> str:
        """A name for a copy of `path` that no other picture of the article has."""
        stem, suffix = _plain(PurePosixPath(path).stem) or _NAMELESS, _suffix(path)
        name = f"{stem}{suffix}"
        while name in self._names:
            self._counts[stem + suffix] = count = self._counts.get(stem + suffix, 1) + 1
            name = f"{stem}-{count}{suffix}"
        self._names.add(name)
        return name


def _elsewhere(src: str) -> Picture | None:
    """The picture at an absolute address, where it is one of the web and its suffix is known."""
    try:
        parts = urlsplit(src)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.port == 0:
            return None
        path, query = quote(parts.path, safe=_RESERVED), quote(parts.query, safe=f"{_RESERVED}?")
    except ValueError:
        return None
    kind = PICTURE_TYPES.get(_suffix(_decoded(parts.path)))
    if kind is None or not _AUTHORITY.fullmatch(parts.netloc):
        return None
    return Picture(parts._replace(path=path, query=query, fragment="").geturl(), kind)


def _decoded(text: str) -> str:
    """`text` without percent encoding; empty where it encodes something else than UTF-8."""
    try:
        return unquote(text, errors="strict")
    except UnicodeDecodeError:
        return ""


def _suffix(path: str) -> str:
    return PurePosixPath(path).suffix.lower()


def _plain(stem: str) -> str:
    """`stem` in small ASCII letters, digits and hyphens."""
    bare = unicodedata.normalize("NFKD", stem[:200]).casefold().replace("đ", "d")
    unmarked = "".join(character for character in bare if not unicodedata.combining(character))
    return _NEITHER.sub("-", unmarked)[:_LONGEST_NAME].strip("-")
