"""The web server as `publish serve` runs it, without the rest: `python -m benchmarks.served CONFIG` prints its port."""

from __future__ import annotations

import socket
import sys
from datetime import UTC, datetime
from pathlib import Path

from publisher.config.load import load
from publisher.render.templates import Templates
from publisher.serving.web import answer
from publisher.stopping import NEVER
from publisher.store import Store
from publisher.web import Site, application


def main(file: Path) -> None:
    """Serve until the process is ended."""
    config = load(file)
    store = Store.open(config.database_file)
    templates = Templates(config.templates_folder, config.site.language, config.zone)
    site = Site(
        config, store, templates, lambda: datetime.now(UTC), lambda: None, lambda: None, store.secret()
    )
    listening = socket.create_server(("127.0.0.1", 0), backlog=512)
    print(listening.getsockname()[1], flush=True)
    answer(application(site), listening, NEVER)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
