"""The reference of the commands, made from their own help: ``python -m publisher.cli.reference``."""

from __future__ import annotations

from collections.abc import Iterator

import click

import publisher.cli  # noqa: F401 - gives the group its commands
from publisher.cli.run import publish


def markdown() -> str:
    """The page docs/reference/commands.md."""
    head = ["# Commands", "", "Made from the commands' own help by `python -m publisher.cli.reference`.", ""]
    return "\n".join([*head, *_pages(publish, "publish")]) + "\n"


def _pages(command: click.Command, name: str) -> Iterator[str]:
    settings = publish.context_settings  # which commands inherit where they run
    context = click.Context(command, info_name=name, terminal_width=96, max_content_width=96, **settings)
    yield from (f"## `{name}`", "", "```text", command.get_help(context), "```", "")
    if isinstance(command, click.Group):
        for child, inner in sorted(command.commands.items()):
            yield from _pages(inner, f"{name} {child}")


if __name__ == "__main__":
    click.echo(markdown(), nl=False)
