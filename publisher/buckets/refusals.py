"""What a bucket, or the way to it, refuses → one line and a hint."""

from __future__ import annotations

import re

from publisher.errors import BucketError

_STATUS = re.compile(r"status code: (\d{3}[\w ]*)")
_CODE = re.compile(r"<Code>(\w+)</Code>")
_SILENT = re.compile(r"kind: Timeout|TimedOut")
_WHY = re.compile(r'(?:message|error): "([^"]+)"')
_ENDING = re.compile(r".* - (?:HTTP error: )?")
_LONGEST = 200

_GO_ON = "the next run goes on where this one stopped"
_HINTS = (
    (re.compile(r"40[13] "), "its keys must be allowed to {rights} there"),
    (
        re.compile(r"404 "),
        "make the bucket, or see that {table}.path, endpoint and region name the right one",
    ),
    (re.compile(r"301 |.*region"), "see that {table}.region is that of the bucket"),
    (re.compile(r"5\d\d |429 "), "the service is out of order or has too much to do"),
)
_ELSE = "see that {table}.endpoint is right and can be reached from here"
_RIGHTS = {"seeds": "list and read", "output": "list, read, put and delete"}
"""What a run does with the bucket of each table of the configuration."""


def refusal(table: str, url: str, what: str, error: BaseException, seconds: int) -> BucketError:
    """What became of `what` in the bucket at `url` that a table names, where it had so many `seconds` to answer."""
    why = _why(str(error), seconds)
    hint = next((hint for pattern, hint in _HINTS if pattern.match(why)), _ELSE)
    hint = hint.format(table=table, rights=_RIGHTS[table])
    return BucketError(f"{url}: {what}: {why}", hint=f"{hint}; {_GO_ON}")


def _why(said: str, seconds: int) -> str:
    """The reason, without what the library adds to it for those who know it: its own words, and their source."""
    words, _, source = said.partition("\n\nDebug source")
    if status := _STATUS.search(words):
        code = _CODE.search(said)
        return status[1].strip() + (f" ({code[1]})" if code else "")
    if _SILENT.search(source):
        return f"no answer within {seconds} seconds"
    named = _WHY.findall(source)
    return " ".join(named[-1].split() if named else _ENDING.sub("", " ".join(words.split())).split())[
        :_LONGEST
    ]
