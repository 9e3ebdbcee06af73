"""``publish keywords``: the keywords, how many articles stand under them, since when, and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from publisher.cli.context import Chosen, counted, show_json

if TYPE_CHECKING:
    from publisher.config import Config
    from publisher.explaining import Explanation, Quote, Reason
    from publisher.model import Keyword
    from publisher.store import Store

Sources = Sequence[tuple["Keyword", Mapping[str, int]]]
Spans = Mapping[str, tuple[datetime, datetime]]


@click.command()
@click.option("--suggest", is_flag=True, help="Propose topics and their spellings as TOML to paste.")
@click.option("--why", metavar="SEED", help="Show which phrase, at which place, put an article where it is.")
@click.option("--json", "as_json", is_flag=True, help="Print the result for machines.")
@click.pass_obj
def keywords(chosen: Chosen, suggest: bool, why: str | None, as_json: bool) -> None:
    """The keywords with their counts, where they came from, and their first and last article."""
    if why is not None:
        with chosen.store() as store:
            _why(chosen.load(), store, why, as_json=as_json)
        return
    with chosen.store() as store:
        from publisher.planning.deserving import fullest_first

        found, spans = fullest_first(store.keyword_sources()), store.keyword_spans()
    config = chosen.load()
    if suggest:
        _suggest(config, [(keyword.label, sources) for keyword, sources in found], as_json=as_json)
    elif as_json:
        show_json([_as_data(keyword, sources, spans[keyword.slug]) for keyword, sources in found])
    else:
        click.echo("\n".join(_as_text(config, found, spans)))


def _as_data(keyword: Keyword, sources: Mapping[str, int], span: tuple[datetime, datetime]) -> dict[str, Any]:
    first, last = (moment.isoformat() for moment in span)
    return {"slug": keyword.slug, "label": keyword.label, "articles": sources, "first": first, "last": last}


def _as_text(config: Config, found: Sources, spans: Spans) -> Iterator[str]:
    from publisher.keywords.suggestions import phrases_of, suggestions

    if not found:
        yield "No keywords yet: publish first."
    wide = max((len(keyword.label) for keyword, _ in found), default=0)
    for keyword, sources in found:
        parts = ", ".join(f"{number} {source}" for source, number in sorted(sources.items()))
        first, last = (f"{moment.astimezone(config.zone):%Y-%m-%d}" for moment in spans[keyword.slug])
        used = first if first == last else f"{first} to {last}"
        yield f"{sum(sources.values()):>6}  {keyword.label:<{wide}}  {used:<24}  {parts}".rstrip()
    stand = {keyword.label for keyword, sources in found}
    idle = [topic.name for topic in config.keywords.topic if topic.name not in stand]
    if idle and found:
        yield from ("", "Topics that match nothing:", *(f"        {name}" for name in idle))
    by_label = [(keyword.label, sources) for keyword, sources in found]
    if worth := suggestions(by_label, phrases_of(config.keywords)):
        yield from ("", "Worth a topic (publish keywords --suggest prints them as TOML):")
        yield from (f"{each.articles:>6}  {each.name}" for each in worth)


def _why(config: Config, store: Store, seed: str, *, as_json: bool) -> None:
    from publisher.explaining import explain

    told = explain(config, store, seed)
    if as_json:
        show_json(_told_as_data(told))
    else:
        click.echo("\n".join(_told_as_text(told)))


def _told_as_data(told: Explanation) -> dict[str, Any]:
    return {
        "title": told.title,
        "keywords": [
            {
                "label": reason.subject.label,
                "source": reason.subject.source.value,
                "score": reason.subject.score,
                "declared_as": reason.said,
                "places": [
                    {"zone": one.zone, "before": one.before, "phrase": one.phrase, "after": one.after}
                    for one in reason.quotes
                ],
            }
            for reason in told.reasons
        ],
        "ignored": told.ignored,
    }


def _told_as_text(told: Explanation) -> Iterator[str]:
    yield click.style(told.title, bold=True)
    for reason in told.reasons:
        yield ""
        yield f"{click.style(reason.subject.label, bold=True)}  {_because(reason)}"
        yield from (_quoted(one) for one in reason.quotes)
    if not told.reasons:
        yield from ("", "It stands under no keyword.")
    if told.ignored:
        yield from ("", f"Ignored: {', '.join(told.ignored)}")


def _because(reason: Reason) -> str:
    if reason.said:
        return f"declared as {', '.join(f'“{one}”' for one in reason.said)}"
    places = counted(len(reason.quotes), "place")
    return f"{reason.subject.source.value}, {reason.subject.score:g} points, {places}"


def _quoted(one: Quote) -> str:
    """A place in one line; on a terminal the phrase stands out by itself."""
    return f"  {one.zone:<5}  {one.before}{click.style(f'[{one.phrase}]', fg='yellow', bold=True)}{one.after}"


def _suggest(config: Config, found: Sequence[tuple[str, Mapping[str, int]]], *, as_json: bool) -> None:
    from publisher.keywords.suggestions import phrases_of, suggestions

    made = suggestions(found, phrases_of(config.keywords))
    if as_json:
        show_json([{"name": each.name, "any": each.phrases, "articles": each.articles} for each in made])
        return
    for each in made:
        click.echo(f"# {counted(each.articles, 'article')}\n{each.toml}")
    if not made:
        click.echo("Nothing to suggest yet: no keyword without a topic has enough articles.", err=True)
