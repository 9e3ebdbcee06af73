"""The mail that asks a reader whether it was him who asked: its subject, its HTML part and its text part."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import css_inline

from publisher import addresses
from publisher.config import Config
from publisher.model import Subscription
from publisher.render.templates import Templates


class Wished(NamedTuple):
    """What was asked for of one digest, its title beside it."""

    title: str
    choice: Subscription


class ConfirmationMail:
    """Composes these mails."""

    def __init__(self, config: Config, templates: Templates) -> None:
        self._config, self._templates = config, templates
        self._titles = {digest.name: digest.title for digest in config.digest}
        self._inliner = css_inline.CSSInliner(load_remote_stylesheets=False)

    def compose(
        self, choices: Sequence[Subscription], language: str, url: str, until: datetime
    ) -> tuple[str, str, str]:
        """Subject, HTML and text, in `language`; `url` is where he confirms, `until` then."""
        templates = self._templates.speaking(language)
        context = {
            "site": self._config.site,
            "home": addresses.absolute(self._config.site.url, ""),
            "language": templates.language,
            "direction": templates.direction,
            "wishes": [Wished(self._titles.get(one.digest, one.digest), one) for one in choices],
            "url": url,
            "until": until.astimezone(self._config.zone),
            "footer": self._config.mail.footer,
        }
        subject = " ".join(templates.render("mail/confirm-subject.txt", **context).split())
        html = self._inliner.inline(templates.render("mail/confirm.html", subject=subject, **context))
        return subject, html, templates.render("mail/confirm.txt", **context)
