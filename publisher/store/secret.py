"""The secret of the site: what Message-IDs, tokens and hashes of erased addresses are made with."""

from __future__ import annotations

import hmac
import secrets

from sqlalchemy import Connection, select

from publisher.store import tables as t
from publisher.store.dialects import insert_into

_KEY = "secret"


def secret(connection: Connection) -> str:
    """64 hexadecimal digits, drawn at first need and never changed."""
    kept = select(t.setting.c.value).where(t.setting.c.key == _KEY)
    if found := connection.execute(kept).scalar():
        return str(found)
    new = {"key": _KEY, "value": secrets.token_hex(32)}
    connection.execute(insert_into(connection, t.setting).values(new).on_conflict_do_nothing())
    return str(connection.execute(kept).scalar_one())


def hash_of(secret: str, key: str) -> str:
    """What stays of an erased address: enough to know it again, too little to read it."""
    return hmac.digest(secret.encode(), f"suppression\0{key}".encode(), "sha256").hex()
