"""What holds for the keywords that are found in any text."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from publisher.keywords.clauses import wording
from publisher.keywords.folding import fold
from publisher.keywords.found import found
from publisher.keywords.segments import Words, segment, word_list
from publisher.keywords.stopwords import stopwords, weak_words
from publisher.keywords.units import Kind, Lexicon, units

SYLLABLES = "công an ninh bình mạng cô dâu chú rể thanh niên tình nguyện và của Hải Phòng Kiến An ANTT ở 5 TP"
SYLLABLE = st.sampled_from(SYLLABLES.split())
MARK = st.sampled_from([" ", " ", " ", " ", ". ", ", ", " - ", "\n", "_", "\u00a0"])
TEXT = st.one_of(
    st.lists(st.tuples(SYLLABLE, MARK).map("".join), max_size=60).map("".join), st.text(max_size=60)
)
WORDS = st.dictionaries(
    st.lists(st.sampled_from("abcd"), min_size=2, max_size=4).map(" ".join), st.integers(1, 60), max_size=8
)
RUN = st.lists(st.sampled_from("abcd"), max_size=12)


@given(RUN, WORDS, st.sets(st.integers(0, 12)))
def test_words_cover_the_text_in_order(run: list[str], words: dict[str, int], begins: set[int]) -> None:
    starts = segment(run, Words.of(words), begins)
    assert starts[0] == 0 and starts[-1] == len(run)
    assert all(start < end for start, end in pairwise(starts))
    pieces = [(start, " ".join(run[start:end])) for start, end in pairwise(starts)]
    assert all(piece in words or " " not in piece for _, piece in pieces)
    assert all(begins.isdisjoint(range(start + 1, end)) for start, end in pairwise(starts))
    assert starts == segment(list(run), Words.of(dict(reversed(words.items()))), begins)


@given(RUN, WORDS)
def test_no_word_is_cut_by_weaker_ones(run: list[str], words: dict[str, int]) -> None:
    starts = segment(run, Words.of(words))
    taken = [(start, end, words.get(" ".join(run[start:end]), 0)) for start, end in pairwise(starts)]
    for start in range(len(run)):
        for end in range(start + 2, min(start + 4, len(run)) + 1):
            closeness = words.get(" ".join(run[start:end]), 0)
            across = [known for first, last, known in taken if first < end and start < last]
            assert sum(across) >= closeness


@given(RUN, WORDS)
def test_no_other_way_holds_together_more_closely(run: list[str], words: dict[str, int]) -> None:
    taken = sum(
        words.get(" ".join(run[start:end]), 0) for start, end in pairwise(segment(run, Words.of(words)))
    )
    assert taken == best(run, words)


def best(run: list[str], words: dict[str, int]) -> int:
    sums = [0]
    for end in range(1, len(run) + 1):
        cuts = range(max(0, end - 4), end)
        sums.append(max(sums[cut] + words.get(" ".join(run[cut:end]), 0) for cut in cuts))
    return sums[-1]


@given(TEXT, st.sampled_from(["vi", "en", "cs"]))
def test_units_leave_no_gap_and_keep_within_clauses(text: str, language: str) -> None:
    read = wording([(text, 1.0)])
    words = Words.of(word_list()) if language == "vi" else None
    parts = units(read, Lexicon(stopwords(language), weak_words(language), words))
    assert [start for start, _, _ in parts] == [0, *(end for _, end, _ in parts)][: len(parts)]
    assert (parts[-1].end if parts else 0) == len(read.words) == len(read.folded) == len(read.weights)
    assert all(read.clauses.isdisjoint(range(start + 1, end)) for start, end, _ in parts)
    assert all(fold(word) == folded for word, folded in zip(read.words, read.folded, strict=True))


@given(TEXT, TEXT, TEXT, st.sampled_from(["vi", "en", "cs", ""]))
def test_keywords_are_phrases_of_the_text(title: str, lead: str, body: str, language: str) -> None:
    labels = found(title, lead, body, 5, language)
    assert labels == found(title, lead, body, 9, language)[:5]
    read = wording([(title, 3.0), (lead, 2.0), (body, 1.0)])
    whole = " ".join(read.words)
    for label, score in labels:
        assert f" {label} " in f" {whole} " and score > 0
        assert label == " ".join(label.split())


@given(TEXT)
def test_no_keyword_begins_or_ends_with_a_stop_word_or_within_a_word(body: str) -> None:
    read = wording([("", 3.0), ("", 2.0), (body, 1.0)])
    parts = units(read, Lexicon(stopwords("vi"), weak_words("vi"), Words.of(word_list())))
    starts, ends = {unit.start for unit in parts}, {unit.end for unit in parts}
    stops = {unit.start for unit in parts if unit.kind is Kind.STOP}
    for label, _ in found("", "", body, 9, "vi"):
        words = label.split(" ")
        size = len(words)
        places = [at for at in range(len(read.words) - size + 1) if read.words[at : at + size] == words]
        assert any(at in starts and at + size in ends and at not in stops for at in places)
