"""``publish keywords``: the keywords, how many articles stand under them, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import click

from publisher.cli.context import Chosen, show_json

if TYPE_CHECKING:
    from publisher.config import Config


@click.command()
@click.option("--suggest", is_flag=True, help="Propose topics and their spellings as TOML to paste.")
@click.option("--json", "as_json", is_flag=True, help="Print the result for machines.")
@click.pass_obj
def keywords(chosen: Chosen, suggest: bool, as_json: bool) -> None:
    """The keywords with their counts and where they came from."""
    with chosen.store() as store:
        found = store.keyword_sources()
    if suggest:
        _suggest(chosen.load(), [(keyword.label, sources) for keyword, sources in found], as_json=as_json)
        return
    if as_json:
        show_json([{"slug": k.slug, "label": k.label, "articles": sources} for k, sources in found])
        return
    for keyword, sources in found:
        parts = ", ".join(f"{number} {source}" for source, number in sorted(sources.items()))
        click.echo(f"{sum(sources.values()):>6}  {keyword.label}  ({parts})")
    if not found:
        click.echo("No keywords yet: publish first.")


def _suggest(config: Config, found: Sequence[tuple[str, Mapping[str, int]]], *, as_json: bool) -> None:
    from publisher.keywords.suggestions import phrases_of, suggestions

    made = suggestions(found, phrases_of(config.keywords))
    if as_json:
        show_json([{"name": each.name, "any": each.phrases, "articles": each.articles} for each in made])
        return
    for each in made:
        articles = f"{each.articles} article{'s' if each.articles != 1 else ''}"
        click.echo(f"# {articles}\n{each.toml}")
    if not made:
        click.echo("Nothing to suggest yet: no keyword without a topic has enough articles.", err=True)
