"""The lines that stand around an article, as data, and how a line is told to be one of them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

KEYWORDS = ("Từ khóa", "Tags", "Tag", "Chủ đề", "Keywords", "Keyword", "Thẻ")
"""What begins the line of keywords."""

PAGE_KEYWORDS = (
    "Related topics", "Topics", "More on this story", "Explore more on these topics", "More about", "Themen",
    "Lesen Sie mehr zum Thema", "Archivado en", "Etiquetas", "Más temas", "Sujets", "Argomenti", "Thèmes",
    "Từ khóa liên quan", "Chủ đề liên quan",
)  # fmt: skip
"""What stands above keywords on pages, and is a menu item on others: it counts by its place alone."""

BYLINES = (
    "Tác giả",
    "Bài",
    "Bài và ảnh",
    "Bài, ảnh",
    "Tin, ảnh",
    "Theo",
    "Author",
    "By",
    "Written by",
    "Von",
    "Par",
    "Por",
)
"""What begins the line with the author."""

TAIL_LINES = (
    "Bình luận", "Ý kiến bạn đọc", "Ý kiến của bạn", "Gửi bình luận", "Viết bình luận", "Captcha",
    "Mã xác nhận", "Tin liên quan", "Bài liên quan", "Bài viết liên quan", "Tin cùng chuyên mục",
    "Cùng chuyên mục", "Tin khác", "Các tin khác", "Tin mới", "Tin mới hơn", "Tin cũ hơn", "Tin mới nhất",
    "Tin nổi bật", "Tin đọc nhiều", "Đọc nhiều", "Đọc nhiều nhất", "Xem nhiều", "Xem thêm", "Đọc thêm",
    "Có thể bạn quan tâm", "Video clip", "Video", "Phóng sự ảnh", "Thư viện ảnh", "Chia sẻ",
    "Chia sẻ bài viết", "In bài viết", "Gửi email", "Quay lại", "Về đầu trang", "Quảng cáo",
    "Trang chủ", "Đăng nhập", "Home", "Log in", "Sign in",
    "Related articles", "Related stories", "Related posts", "Related news", "Related", "More stories",
    "More news", "Most read", "Most popular", "Read more", "Read also", "See also", "Recommended",
    "You may also like", "Comments", "Comment", "Add a comment", "Post a comment", "Leave a comment",
    "Leave a reply", "Share", "Share this", "Share this article", "Share this post", "Advertisement",
    "Back to top", "Print this page", "Videos", "Más información", "Mehr zum Thema", "Commenti", "Comentarios",
    "Kommentare", "Lascia un commento", "Se adhiere a los criterios de", "Vedi tutti i commenti",
)  # fmt: skip
"""Lines that are the page's furniture when they stand alone; a count or dots may follow."""

TAIL_OPENINGS = (
    "Bình luận của bạn", "Ý kiến của bạn về", "Nhập mã xác nhận", "Nhập bình luận", "Gửi bình luận của bạn",
    "Vui lòng đăng nhập để", "Leave a comment", "Leave a reply", "Your email address will not",
    "Share this on", "Please log in to comment",
)  # fmt: skip
"""How lines begin that are furniture whatever follows, as long as they are short."""

LONGEST_FURNITURE = 120
"""Characters; a longer line is never furniture."""

_TONES = frozenset("\u0300\u0301\u0303\u0309\u0323")
_APPENDIX = re.compile(r"[\s\d().:…»>|-]+\Z")
_FIRST = re.compile(r"[\s:：]")
_COLON = re.compile("[:：]")


def fold(text: str) -> str:
    """`text` without case, Unicode form and tone placement: “Từ khoá” is “từ khóa”."""
    return " ".join(_fold_word(word) for word in unicodedata.normalize("NFD", text.casefold()).split())


def split_marker(line: str, markers: Iterable[str], longest: int = 40) -> str | None:
    """What follows the colon behind a marker; empty where the marker is the whole line; None without one."""
    folded = _folded(tuple(markers))
    if not line or _first_of(line) not in _firsts(folded):
        return None
    colon = _COLON.search(line, 0, longest)
    if colon and fold(line[: colon.start()]) in folded:
        return line[colon.end() :].strip()
    return "" if len(line) <= longest and fold(line) in folded else None


def split_opening(line: str, markers: Iterable[str]) -> str | None:
    """What follows a marker that is the first word or words of a short line, without a colon."""
    words = line.split()[:12] if len(line) <= LONGEST_FURNITURE else []
    folded = _folded(tuple(markers))
    for count in range(len(words) - 1, 0, -1):
        if fold(" ".join(words[:count])) in folded:
            return " ".join(words[count:])
    return None


def is_tail(line: str, more: tuple[str, ...]) -> bool:
    """Whether the article ends above `line`; `more` are the owner's own lines."""
    if not line or len(line) > LONGEST_FURNITURE:
        return False
    lines, firsts = _tails(more)
    if _first_of(line) not in firsts:
        return False
    folded = fold(line)
    bare = _APPENDIX.sub("", folded)
    return bool(bare) and (folded in lines or bare in lines or folded.startswith(_openings()))


def _fold_word(word: str) -> str:
    # Tones go behind the word, for “oá” and “óa” are one sound; marks that make letters stay.
    tones = "".join(sorted(character for character in word if character in _TONES))
    return "".join(character for character in word if character not in _TONES) + tones


@lru_cache(maxsize=32)
def _folded(markers: tuple[str, ...]) -> frozenset[str]:
    both = {fold(marker.strip().rstrip(":")) for marker in markers} | {fold(marker) for marker in markers}
    return frozenset(both - {""})


def _first_of(line: str) -> str:
    """The first word of a line, folded: nearly all lines are told from furniture by it."""
    return _folded_word(_FIRST.split(line.lstrip(), 1)[0])


@lru_cache(maxsize=8192)
def _folded_word(word: str) -> str:
    return _APPENDIX.sub("", fold(word))


@lru_cache(maxsize=64)
def _firsts(folded: frozenset[str]) -> frozenset[str]:
    return frozenset(_APPENDIX.sub("", _FIRST.split(line, 1)[0]) for line in folded)


@lru_cache(maxsize=8)
def _tails(more: tuple[str, ...]) -> tuple[frozenset[str], frozenset[str]]:
    """Lines of furniture, folded, and the first words of those and of all openings."""
    lines = _folded(TAIL_LINES + more)
    return lines, _firsts(lines) | _firsts(frozenset(_openings()))


@lru_cache(maxsize=1)
def _openings() -> tuple[str, ...]:
    return tuple(fold(opening) for opening in TAIL_OPENINGS)
