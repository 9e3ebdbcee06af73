"""``publish keywords``: the keywords, how many articles stand under them, and why."""

from __future__ import annotations

import click

from publisher.cli.context import Chosen, show_json


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print the result for machines.")
@click.pass_obj
def keywords(chosen: Chosen, as_json: bool) -> None:
    """The keywords with their counts and where they came from."""
    with chosen.store() as store:
        found = store.keyword_sources()
    if as_json:
        show_json([{"slug": k.slug, "label": k.label, "articles": sources} for k, sources in found])
        return
    for keyword, sources in found:
        parts = ", ".join(f"{number} {source}" for source, number in sorted(sources.items()))
        click.echo(f"{sum(sources.values()):>6}  {keyword.label}  ({parts})")
    if not found:
        click.echo("No keywords yet: publish first.")
