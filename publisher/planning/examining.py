"""What can be told of one article by itself, in whatever process it was read. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from publisher.keywords import Rules
from publisher.model import Article, Draft, KeywordSource, Subject
from publisher.planning.identity import content_digest
from publisher.planning.likeness import fingerprint
from publisher.render.blocks import weight_of


@dataclass(frozen=True, slots=True)
class Examined:
    """What an article is about, the fingerprint of its text, its weight without keywords; `content` of a draft alone.

    Of what was found in its text there is more than it is filed under (`publisher.planning.vocabulary`). `phrases`
    are the keys of all that, where keywords were sought in it, one in each line.
    """

    subjects: tuple[Subject, ...]
    fingerprint: int
    weight: int
    content: str = ""
    phrases: str = ""


def examine(said: Draft | Article, rules: Rules) -> Examined:
    """All that planning needs of the text of an article, which it needs not see then."""
    declared, content = (
        (said.keywords, content_digest(said)) if isinstance(said, Draft) else (said.declared, "")
    )
    every = rules.every_subject(said.title, said.summary, said.blocks, declared, said.language)
    found = [subject for subject in every if subject.source is KeywordSource.FOUND]
    phrases = "\n".join(rules.key_of(subject.label) for subject in found)
    return Examined(tuple(every), fingerprint(said.blocks), weight_of(said), content, phrases)
