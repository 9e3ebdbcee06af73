"""Keywords: what an article is about, and how keywords are told apart, named and ordered."""

from __future__ import annotations

from publisher.keywords.folding import fold, key
from publisher.keywords.rules import KEYWORDS_VERSION, Rules, compile_rules
from publisher.keywords.slugs import slugify, unique_slug
from publisher.keywords.sorting import sort_key
from publisher.keywords.topics import Matcher, TopicHit

__all__ = [
    "KEYWORDS_VERSION",
    "Matcher",
    "Rules",
    "TopicHit",
    "compile_rules",
    "fold",
    "key",
    "slugify",
    "sort_key",
    "unique_slug",
]
