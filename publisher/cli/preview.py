"""``publish preview``: the next edition, as a subscriber would see it."""

from __future__ import annotations

from pathlib import Path

import click

from publisher.cli.context import Chosen, moment, now


@click.command()
@click.argument("digest")
@click.option(
    "--to", "address", default="", help="As this address would get it: its keywords, language, length."
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write it here: the text part as NAME.txt, the message as NAME.eml, else HTML. A browser opens otherwise.",
)
@click.option("--at", help="As if it were this time (ISO 8601).")
@click.pass_obj
def preview(chosen: Chosen, digest: str, address: str, out: Path | None, at: str | None) -> None:
    """Show the next edition of DIGEST, made of what is new until now."""
    import tempfile

    from publisher.rehearsal import rehearse

    config = chosen.load()
    with chosen.store() as store:
        rehearsal = rehearse(config, store, moment(at, config) if at else now(), digest, address)
        html, text, message = rehearsal.shown()
    target = out or Path(tempfile.mkdtemp()) / f"{digest}.html"
    forms = {".txt": text.encode(), ".eml": message}
    target.write_bytes(forms.get(target.suffix, html.encode()))
    click.echo(str(target))
    if out is None:
        click.launch(str(target))
