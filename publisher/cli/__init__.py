"""The command line: words and exit codes, no logic. One module for each command.

Only click is imported until a command runs, so that ``publish --help`` answers at once.
"""

from __future__ import annotations

import sys

import click

from publisher import collecting
from publisher.cli.bounces import bounces
from publisher.cli.check import check
from publisher.cli.db import db
from publisher.cli.deliveries import deliveries
from publisher.cli.init import init
from publisher.cli.keywords import keywords
from publisher.cli.preview import preview
from publisher.cli.run import publish
from publisher.cli.send_test import send_test
from publisher.cli.serve import serve
from publisher.cli.status import status
from publisher.cli.subscribers import subscribers
from publisher.cli.worker import worker
from publisher.errors import PublisherError

_COMMANDS = (
    bounces,
    check,
    db,
    deliveries,
    init,
    keywords,
    preview,
    send_test,
    serve,
    status,
    subscribers,
    worker,
)
for _command in _COMMANDS:
    publish.add_command(_command)


def main() -> None:
    """Run the command line; expected failures are one line each and a hint, bugs show their traceback."""
    collecting.seldom()
    try:
        code = publish.main(prog_name="publish", standalone_mode=False)
    except PublisherError as error:
        for line in error.lines:
            click.echo(line, err=True)
        if error.hint:
            click.echo(f"hint: {error.hint}", err=True)
        sys.exit(error.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted", err=True)
        sys.exit(130)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
    sys.exit(code if isinstance(code, int) else 0)
