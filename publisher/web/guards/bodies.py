"""The body of a request, within bounds of size and time."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from urllib.parse import parse_qs

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request

MOST = 64 << 10
"""Octets of a form: some thousand keywords."""
PATIENCE = 15.0
"""Seconds that a body may take."""
_FIELDS = 2000

Form = Mapping[str, Sequence[str]]


async def body_of(request: Request, most: int, *, patience: float = PATIENCE) -> bytes:
    """The whole body; 413 where it is too large, 408 after `patience` seconds, 400 where it breaks off."""
    length = request.headers.get("content-length", "")
    if length.isdecimal() and int(length) > most:
        raise HTTPException(413, headers={"connection": "close"})
    try:
        async with asyncio.timeout(patience):
            return await _read(request, most)
    except TimeoutError:
        raise HTTPException(408, headers={"connection": "close"}) from None
    except ClientDisconnect:
        raise HTTPException(400) from None


async def form_of(request: Request, most: int = MOST) -> Form:
    """The fields of a form, each with its values; 415 where it is none, 400 where it cannot be read."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in ("application/x-www-form-urlencoded", ""):
        raise HTTPException(415)
    body = await body_of(request, most)
    try:
        text = body.decode("ascii")
        return parse_qs(text, keep_blank_values=True, errors="strict", max_num_fields=_FIELDS)
    except ValueError:
        raise HTTPException(400) from None


def first(form: Form, name: str) -> str:
    """The first value of a field; empty where it was not sent."""
    return next(iter(form.get(name, ())), "")


async def _read(request: Request, most: int) -> bytes:
    pieces, size = [], 0
    async for piece in request.stream():
        pieces.append(piece)
        size += len(piece)
        if size > most:
            raise HTTPException(413, headers={"connection": "close"})
    return b"".join(pieces)
