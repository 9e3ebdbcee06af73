"""Which keywords get a page: by how many articles stand under them, and how many texts hold what was found."""

from __future__ import annotations

import pytest

from publisher.config import Keywords
from publisher.model import Frequencies, Keyword, Totals
from publisher.planning.deserving import TELLING, Bar, deserving, shifted

KEYWORDS = {slug: Keyword(slug, slug.title(), f"the {slug}") for slug in ("one", "two", "given", "all")}


def listed(frequencies: Frequencies, least: int = 1, **given: int) -> set[str]:
    totals = Totals(9, {"one": 1, "two": 2, "given": 1, "all": 2}, given)
    return Bar(least, 3, frequencies).listed(totals, KEYWORDS)


def test_few_texts_tell_nothing() -> None:
    assert listed(Frequencies(TELLING - 1, {})) == set(KEYWORDS)
    assert listed(Frequencies(TELLING - 1, {}), least=2) == {"two", "all"}


@pytest.mark.parametrize(("articles", "stands"), [(2, False), (3, True), (24, True), (25, False)])
def test_what_was_found_must_be_a_subject_of_several_texts_and_not_of_many(
    articles: int, stands: bool
) -> None:
    frequencies = Frequencies(TELLING, {"the two": articles})
    assert ("two" in listed(frequencies)) is stands
    assert "one" not in listed(frequencies)


def test_what_people_gave_needs_no_frequency() -> None:
    assert listed(Frequencies(TELLING, {"the all": 90}), given=1) == {"given"}
    assert listed(Frequencies(TELLING, {"the all": 90}), all=1) == {"all"}
    assert listed(Frequencies(TELLING, {"the all": 90}), least=2, all=1, given=1) == {"all"}


def test_the_bar_is_that_of_the_configuration() -> None:
    bar = Bar.of(
        Keywords(min_articles=2, found_articles=5), Frequencies(TELLING, {"the two": 4, "the all": 5})
    )
    assert bar.listed(Totals(9, {"one": 1, "two": 2, "all": 2}), KEYWORDS) == {"all"}


def test_frequencies_move_by_what_changes() -> None:
    known = Frequencies(7, {"a": 2, "b": 1})
    moved = shifted(known, ["a\nb", ""], ["a\nc\nd", "", "c"], {"a", "b", "c"})
    assert moved == Frequencies(8, {"a": 2, "c": 2})
    assert shifted(moved, ["a\nc\nd", "c"], ["a\nb"], {"a", "b", "c"}) == known


def test_pages_that_count_by_source_tell_the_same() -> None:
    sources = [(KEYWORDS["two"], {"found": 2}), (KEYWORDS["given"], {"declared": 1, "found": 1})]
    few, many = Frequencies(1, {"the two": 2}), Frequencies(TELLING, {"the two": 2, "the given": 1})
    assert deserving(Keywords(), sources, few) == [(KEYWORDS["two"], 2), (KEYWORDS["given"], 2)]
    assert deserving(Keywords(), sources, many) == [(KEYWORDS["given"], 2)]
    assert deserving(Keywords(min_articles=3), sources, few) == []
