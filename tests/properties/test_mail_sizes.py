"""Mails of any size: never clipped, and nothing is lost without being counted."""

from __future__ import annotations

import quopri
import re
from dataclasses import replace
from functools import cache

from hypothesis import given, settings
from hypothesis import strategies as st
from mails import CONFIG, DIGEST, LINKS, ZONE, Sample, sample

from publisher.model import Section
from publisher.render.digest import BUDGET, ENCODED, DigestMail
from publisher.render.templates import Templates

WORDS = st.sampled_from(["tin", "Kiến An", "“ngoặc” & <dấu>", "đường", "🚲", "新聞", "x" * 70])
TEXTS = st.tuples(WORDS, st.integers(0, 400)).map(lambda pair: f"{pair[0]} " * pair[1])


@cache
def composer() -> DigestMail:
    return DigestMail(CONFIG, Templates(None, "vi", ZONE), ())


@st.composite
def mails(draw: st.DrawFn) -> Sample:
    """Some articles with some texts, dealt out to some sections."""
    made = sample("vi", draw(st.integers(0, 400)))
    texts = draw(st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=5))
    articles = {
        id: replace(article, title=texts[n % len(texts)][0], summary=texts[n % len(texts)][1])
        for n, (id, article) in enumerate(made.articles.items())
    }
    ways = draw(st.integers(1, 450))
    labels = draw(st.lists(TEXTS, min_size=1, max_size=3))
    dealt = [tuple(articles)[start::ways] for start in range(ways)]
    sections = tuple(Section(f"k{n}", labels[n % len(labels)], ids) for n, ids in enumerate(dealt) if ids)
    return made._replace(
        articles=articles, part=replace(made.part, sections=sections, omitted=draw(st.integers(0, 9)))
    )


@settings(max_examples=60, deadline=None)
@given(mails())
def test_no_mail_is_larger_than_the_budget_and_every_article_is_shown_or_counted(made: Sample) -> None:
    html, text = composer().compose(DIGEST, *made, LINKS)
    assert len(html.encode()) <= BUDGET
    assert len(quopri.encodestring(html.encode())) <= ENCODED
    assert max(len(line.encode()) for line in html.splitlines()) <= 900
    shown = re.findall(r'<a class="ink title" href="([^"]+)"', html)
    assert len(set(shown)) == len(shown)
    assert [
        line for line in text.splitlines() if line.startswith("https://news.example.org/articles/")
    ] == shown
    more = sum(int(number) for number in re.findall(r">Còn (\d+) bài nữa<", html))
    assert len(shown) + more == len(made.articles) + made.part.omitted
