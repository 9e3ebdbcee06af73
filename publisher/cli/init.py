"""``publish init``: a folder to begin with."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), default=Path())
def init(folder: Path) -> None:
    """Make a commented config.toml and a sample seed in FOLDER, ready to run."""
    from publisher.errors import UsageError

    starter = Path(__file__).parent.parent / "starter"
    wanted = {
        source: folder / source.relative_to(starter)
        for source in sorted(starter.rglob("*"))
        if source.is_file()
    }
    if (folder / "config.toml").exists():
        raise UsageError(f"{folder / 'config.toml'} is there already", hint="name another folder")
    try:
        for source, target in wanted.items():
            target.parent.mkdir(parents=True, exist_ok=True)
            if not target.exists():
                target.write_bytes(source.read_bytes())
                click.echo(f"made {target}")
    except OSError as error:
        raise UsageError(f"{folder} cannot be made: {error.strerror}", hint="name another folder") from error
    place = "" if folder == Path() else f"cd {folder} && "
    click.echo(f"Now: {place}publish --dry-run, then publish")
