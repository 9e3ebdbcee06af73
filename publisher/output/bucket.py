"""Documents as objects of a bucket (the S3 API), each put whole. The only door to obstore.

One list of the objects tells a run what stands where (1,000 of them a request); an object is known by its size and
its entity tag. What the configuration leaves open comes from the environment, as every tool for S3 takes it:
``AWS_ACCESS_KEY_ID``, ``AWS_SECRET_ACCESS_KEY``, ``AWS_REGION``, or the machine's own role.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import timedelta
from functools import cached_property
from hashlib import blake2b, md5
from typing import TYPE_CHECKING, Any, TypeVar

import obstore
from obstore.exceptions import BaseError
from obstore.store import S3Store

from publisher import addresses, config
from publisher.credentials import secret
from publisher.errors import OutputError
from publisher.kinds import kind_of
from publisher.output.refusals import refusal
from publisher.states import State

if TYPE_CHECKING:
    from obstore.store import S3Credential

Given = TypeVar("Given")
Made = TypeVar("Made")

_AT_ONCE = 16
"""Requests under way: each waits for the network most of its time."""
_SECONDS = 30
"""A request is given up after so long, and tried again for twice that."""
_SAID = ("Content-Type", "Cache-Control")
"""What is said of each object."""


class Bucket:
    """The bucket that `output` names, and the beginning of the names in it; current feeds keep for so many seconds."""

    at_once = _AT_ONCE

    def __init__(self, output: config.Output, feeds_keep: int) -> None:
        self._url, self._output, self._keep = output.path, output, feeds_keep
        self._seen: dict[str, State | None] = {}
        self._store = self._opened()

    def state(self, path: str, siblings: Collection[str] = ()) -> State | None:
        """Size in bytes and the number of the entity tag of what stands at `path`."""
        name = addresses.file_of(path)
        return self._seen[name] if name in self._seen else self._listed.get(name)

    def amiss(self, documents: Mapping[str, State], siblings: Collection[str]) -> bool:
        """Whether any of the documents is not in place."""
        return any(self.state(path) != state for path, state in documents.items())

    def put(self, path: str, content: bytes, siblings: Collection[str] = ()) -> bool:
        """Put `content` in place with its type and for how long it keeps; false where it stood there already."""
        name = addresses.file_of(path)
        kind = kind_of(name, self._keep)
        said: Any = {"Content-Type": kind.type, "Cache-Control": f"public, max-age={kind.keeps}"}
        stands = self._head(name)
        if stands and stands == (
            (len(content), _number(md5(content, usedforsecurity=False).hexdigest())),
            said,
        ):
            self._seen[name] = stands[0]
            return False
        with self._asked(name):
            result = obstore.put(self._store, name, content, attributes=said, use_multipart=False)
        self._seen[name] = (len(content), _number(result["e_tag"] or ""))
        return True

    def remove(self, path: str) -> bool:
        """Take an object away; whether there was one."""
        name = addresses.file_of(path)
        stood = self._head(name) is not None
        with self._asked(name):
            obstore.delete(self._store, name)
        self._seen[name] = None
        return stood

    def remove_siblings(self, path: str, keep: Collection[str] = ()) -> None:
        """Nothing: there are none."""

    def sweep(self) -> None:
        """Nothing: an object is whole or not there."""

    def leave_sign(self) -> str:
        """Nothing: a bucket is the same from everywhere."""
        return ""

    def has_sign(self, sign: str) -> bool:
        """Always."""
        return True

    def each(self, do: Callable[[Given], Made], some: Iterable[Given]) -> Iterator[Made]:
        """Do it for several at once."""
        yield from self._threads.map(do, some)

    @cached_property
    def _threads(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(_AT_ONCE, "bucket")

    @cached_property
    def _listed(self) -> Mapping[str, State]:
        with self._asked("the list"):
            return {
                item["path"]: (item["size"], _number(item["e_tag"] or ""))
                for some in obstore.list(self._store)
                for item in some
            }

    def _head(self, name: str) -> tuple[State, dict[Any, str]] | None:
        """State of an object, and its type and how long it keeps."""
        with self._asked(name), suppress(FileNotFoundError):
            found = obstore.get(self._store, name, options={"head": True})
            said = {key: value for key, value in found.attributes.items() if key in _SAID}
            return (found.meta["size"], _number(found.meta["e_tag"] or "")), said
        return None

    def _opened(self) -> S3Store:
        """The way to the bucket, on which nothing is asked yet."""
        output = self._output
        options: dict[str, Any] = {}
        if output.endpoint:
            options |= {"endpoint": output.endpoint, "virtual_hosted_style_request": False}
        if output.region:
            options["region"] = output.region
        if output.access_key:
            options["credential_provider"] = self._keys()
        with self._asked("the bucket"):
            return S3Store.from_url(
                self._url,
                client_options={
                    "timeout": f"{_SECONDS}s",
                    "connect_timeout": "10s",
                    "allow_http": output.endpoint.startswith("http:"),
                },
                retry_config={"max_retries": 3, "retry_timeout": timedelta(seconds=2 * _SECONDS)},
                **options,
            )

    def _keys(self) -> Callable[[], S3Credential]:
        """Those of the configuration: what else the environment has is not mixed with them."""
        key, name = self._output.access_key, self._output.secret_key_env
        if not secret(name):
            fault = "output.access_key: there is no secret key for it"
            raise OutputError(fault, hint=f"set the environment variable {name}")
        return lambda: {"access_key_id": key, "secret_access_key": secret(name), "expires_at": None}

    @contextmanager
    def _asked(self, what: str) -> Iterator[None]:
        """What the bucket refuses, or does not answer, is no bug."""
        try:
            yield
        except (BaseError, OSError) as error:
            raise refusal(self._url, what, error, _SECONDS) from None


def _number(tag: str) -> int:
    """An entity tag, which some services send without its quotation marks, as a number of 56 bits."""
    return int.from_bytes(blake2b(tag.strip('"').encode(), digest_size=7).digest())
