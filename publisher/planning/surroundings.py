"""What planning asks of the world, as values and functions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime

from publisher.keywords import Rules
from publisher.model import Article, Audience, Document
from publisher.planning.identity import Names


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What planning asks of the world, as values and functions.

    `settings` are the fingerprints of the rules; `look` that of templates and site; `refile` gives
    the known articles that must be filed again; `stands` tells what file is in the output;
    `subject` writes an edition's subject line; `audiences` tells who is on the list of a digest, and `had`
    what its editions had: the `updated` of each article at that time. `phrases` gives what was found in the
    text of articles by id (`Plan.phrases`), `frequencies` how many articles hold phrases; `holding` the ids of
    the articles in whose texts one of some phrases was found, `given` how many articles are given each keyword by slug;
    `fetch` gives whole articles by id; `spelled` the keywords of articles as these spell them, and `spellings` how
    many articles have each spelling of keywords, by slug.
    """

    names: Names
    rules: Rules
    settings: dict[str, str]
    look: str
    refile: Callable[[], Iterable[Article]]
    stands: Callable[[Document], tuple[int, int] | None]
    subject: Callable[[str, datetime], str]
    audiences: Callable[[str], Sequence[Audience]]
    had: Callable[[str], Mapping[str, datetime]]
    given: Callable[[], Mapping[str, int]]
    holding: Callable[[Set[str]], Sequence[str]]
    fetch: Callable[[Sequence[str]], Iterable[Article]]
    spelled: Callable[[Sequence[str]], Sequence[tuple[str, str]]]
    spellings: Callable[[Sequence[str]], Mapping[str, Mapping[str, int]]]
    phrases: Callable[[Sequence[str]], Mapping[str, str]]
    frequencies: Callable[[Sequence[str]], Mapping[str, int]]
