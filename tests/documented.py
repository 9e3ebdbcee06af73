"""What the documentation has people write: its blocks of code, as they would be copied."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
_FENCED = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def blocks(document: str, language: str) -> dict[str, list[str]]:
    """The blocks of one language in a document of the repository, by the heading above them."""
    found: dict[str, list[str]] = {}
    text = (ROOT / document).read_text(encoding="utf-8")
    for part in re.split(r"^##+ ", text, flags=re.MULTILINE):
        title = part.partition("\n")[0]
        inside = [block for kind, block in _FENCED.findall(part) if kind == language]
        if inside:
            found[title] = inside
    return found


WEB_SERVER = "docs/howto/web-server.md"
NGINX_SITE = blocks(WEB_SERVER, "nginx")["nginx"][0]
"""The whole configuration for nginx."""


def within(site: str, *lines: str) -> str:
    """That configuration with more lines in its server block."""
    assert "    charset utf-8;" in site
    return site.replace("    charset utf-8;", "\n".join(("    charset utf-8;", *lines)), 1)
