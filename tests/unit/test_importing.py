"""Files of people: whatever program wrote them, each line is somebody or is refused with its reason."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from publisher.errors import UsageError
from publisher.mailing.exporting import WRITERS, as_csv, as_json
from publisher.mailing.importing import READERS, Entry, Refusal, Terms
from publisher.model import (
    Consent,
    Happening,
    Origin,
    Rhythm,
    Subscriber,
    SubscriberState,
    Subscription,
)

NOW = datetime(2026, 11, 25, 6, 0, tzinfo=UTC)
DAILY = Subscription("daily")
TERMS = Terms(
    source="import:a.csv",
    now=NOW,
    consent="I want the news.",
    choices=(DAILY,),
    digests=("daily", "weekly"),
)
PENDING, ACTIVE, UNSUBSCRIBED, BOUNCED, COMPLAINED = SubscriberState

LISTMONK = "uuid,email,name,attributes,status,created_at,updated_at\n"
MAILCHIMP = (
    "Email Address,First Name,MEMBER_RATING,OPTIN_TIME,OPTIN_IP,CONFIRM_TIME,CONFIRM_IP,LEID,NOTES,TAGS\n"
)
LEFT_MAILCHIMP = (
    "Email Address,First Name,OPTIN_TIME,CONFIRM_TIME,UNSUB_TIME,UNSUB_CAMPAIGN_TITLE,UNSUB_REASON\n"
)
CLEANED_MAILCHIMP = "Email Address,First Name,OPTIN_TIME,CONFIRM_TIME,CLEAN_TIME,CLEAN_CAMPAIGN_TITLE\n"
GHOST = (
    "id,email,name,note,subscribed_to_emails,complimentary_plan,stripe_customer_id,"
    "created_at,deleted_at,labels,tiers\n"
)


def read(text: str | bytes, form: str = "csv", **terms: object) -> list[Entry | Refusal]:
    stream = io.BufferedReader(io.BytesIO(text.encode() if isinstance(text, str) else text))
    return list(READERS[form](stream, replace(TERMS, **terms)))


def people(found: Iterable[Entry | Refusal]) -> list[Subscriber]:
    taken = list(found)
    assert [each for each in taken if isinstance(each, Refusal)] == []
    return [each.person for each in taken if isinstance(each, Entry)]


def refusals(found: Iterable[Entry | Refusal]) -> list[tuple[int, str]]:
    return [(each.line, each.reason) for each in found if isinstance(each, Refusal)]


def person(text: str, form: str = "csv", **terms: object) -> Subscriber:
    (found,) = people(read(text, form, **terms))
    return found


# Programs


def test_a_file_of_addresses_takes_everything_else_from_the_terms() -> None:
    assert person("email\nĐộc Giả <Reader@Example.org>\n", language="vi") == Subscriber(
        number=0,
        address="Reader@Example.org",
        key="reader@example.org",
        state=ACTIVE,
        language="vi",
        consent=Consent(NOW, "import:a.csv", "I want the news."),
        subscriptions=(DAILY,),
    )


@pytest.mark.parametrize(
    ("status", "state"),
    [("enabled", ACTIVE), ("disabled", UNSUBSCRIBED), ("blocklisted", UNSUBSCRIBED), ("Enabled", ACTIVE)],
)
def test_listmonks_subscribers_keep_their_state_and_time(status: str, state: SubscriberState) -> None:
    since = datetime(2023, 4, 21, 11, 16, 57, tzinfo=timezone(timedelta(hours=7)))
    moment = "2023-04-21 11:16:57.123456 +0700 +07"  # as Go prints it
    found = person(LISTMONK + f'u,a@e.org,A,"{{""city"": ""Huế""}}",{status},{moment},{moment}\n')
    assert (found.state, found.since) == (state, since)
    agreed = Consent(since, "import:a.csv", "I want the news.")
    assert (found.consent, found.subscriptions) == ((agreed, (DAILY,)) if state is ACTIVE else (None, ()))


def test_mailchimps_contacts_agreed_when_they_confirmed() -> None:
    times = "2018-02-12 10:54:27,192.0.2.1,2018-02-12 10:59:00,192.0.2.1"
    found = person(MAILCHIMP + f's@e.org,An,2,{times},1,,"""Editors"""\n')
    assert found.consent == Consent(datetime(2018, 2, 12, 10, 59, tzinfo=UTC), "import:a.csv", TERMS.consent)
    assert found.subscriptions == (DAILY,)  # tags are the owner's, not what somebody wants to read
    single = person(MAILCHIMP + "s@e.org,An,2,2018-02-12 10:54:27,,,,1,,\n")
    assert single.consent and single.consent.at == datetime(2018, 2, 12, 10, 54, 27, tzinfo=UTC)


def test_those_who_left_mailchimp_or_whom_it_cleaned_are_not_active() -> None:
    left = LEFT_MAILCHIMP + "u@e.org,An,2018-02-12 10:54:27,2018-02-12 10:54:27,2018-07-23 12:19:27,,\n"
    assert person(left, consent="").state is UNSUBSCRIBED
    cleaned = CLEANED_MAILCHIMP + "c@e.org,An,2018-02-12 10:54:27,2018-02-12 10:54:27,2020-03-23 17:30:05,\n"
    assert person(cleaned, consent="", choices=()).state is BOUNCED


@pytest.mark.parametrize(
    ("wants", "deleted", "state"),
    [
        ("true", "", ACTIVE),
        ("", "", ACTIVE),
        ("false", "", UNSUBSCRIBED),
        ("true", "2024-01-01T00:00:00.000Z", UNSUBSCRIBED),
    ],
)
def test_ghosts_members_keep_whether_they_want_mail(wants: str, deleted: str, state: SubscriberState) -> None:
    row = f'1,m@e.org,\'=A1,note,{wants},false,,2024-05-01T10:00:00.000Z,{deleted},"VIP,free",\n'
    found = person(GHOST + row)
    assert (found.state, found.since) == (state, datetime(2024, 5, 1, 10, tzinfo=UTC))


# What is wrong


def test_a_state_that_nobody_knows_is_refused_and_not_guessed() -> None:
    ((line, reason),) = refusals(read("email,status\na@e.org,vip\n"))
    assert line == 2
    assert reason.startswith("status: must be one of pending, active,")
    assert reason.endswith("(got vip)")


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("", "has no address"),
        ("nobody", "nobody: must have something on both sides of an @"),
        ("=cmd|'/C calc'!A0", "=cmd|'/C calc'!A0: must have something on both sides of an @"),
        ('"a@e.org, b@e.org"', "a@e.org, b@e.org: must be one address"),
        ('"a@e.org\nBcc: b@e.org"', "a@e.org�Bcc: b@e.org: holds a control character"),
        ("a" * 308 + "@example.org", "a" * 59 + "…: is longer than 254 octets"),
    ],
)
def test_what_is_no_address_is_refused_with_its_line(cell: str, reason: str) -> None:
    assert refusals(read(f"name,email\nA,a@e.org\nB,{cell}\n")) == [(3, reason)]


@pytest.mark.parametrize(
    "cell", ['"""two words""@e.org"', "độc.giả@báo.example", "'=2+5@e.org", "=2+5@e.org"]
)
def test_rare_addresses_are_taken_as_they_are(cell: str) -> None:
    assert person(f"email\n{cell}\n").address in ('"two words"@e.org', "độc.giả@báo.example", "=2+5@e.org")


def test_a_formula_is_text_like_any_other() -> None:
    row = 'email,keywords,consent_text\na@e.org,"=HYPERLINK(""x""),+1",\'@SUM(A1)\n'
    found = person(row)
    assert found.subscriptions[0].keywords == ('=HYPERLINK("x")', "+1")
    assert found.consent and found.consent.text == "@SUM(A1)"


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_delimiters_marks_and_line_ends_are_taken_as_they_come(mark: bytes, delimiter: str, end: str) -> None:
    text = io.StringIO()
    rows = (["E-Mail", "Tên"], ["a@e.org", f"x, y; z\t{end}"], ["b@e.org", ""])
    csv.writer(text, delimiter=delimiter, lineterminator=end).writerows(rows)
    assert [each.address for each in people(read(mark + text.getvalue().encode()))] == ["a@e.org", "b@e.org"]


def test_of_several_delimiters_in_the_heading_the_likeliest_is_taken() -> None:
    assert person("E-Mail\tTên, họ; tuổi\na@e.org\tx\n").address == "a@e.org"
    assert person("Tên; họ,E-Mail,since\nx,a@e.org,\n").address == "a@e.org"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf_16_is_read_where_its_mark_stands(encoding: str) -> None:
    text = "email\tkeywords\r\na@e.org\tGiao thông\r\n"
    marked = text.encode(encoding) if encoding == "utf-16" else f"\ufeff{text}".encode(encoding)
    (found,) = people(read(marked))
    assert found.subscriptions[0].keywords == ("Giao thông",)
    with pytest.raises(UsageError, match="not UTF-8"):
        read(text.encode("utf-16-le"))


def test_excels_own_line_names_the_delimiter() -> None:
    assert person("sep=|\nname|email\nA, B; C|a@e.org\n").address == "a@e.org"


def test_broken_quoting_costs_its_line_and_no_other() -> None:
    text = (
        "email,note\n"
        'a@e.org,"many\nlines, ""quoted"""\n'
        'b@e.org,"closed" too early\n'
        "c@e.org,fine\n"
        'd@e.org,"never closed\n'
        "e@e.org,fine\n"
    )
    found = read(text)
    assert [each.line for each in found] == [2, 4, 5, 6, 7]
    assert refusals(found) == [(4, "something follows a closing quote"), (6, "a quote is not closed")]


def test_an_open_quote_swallows_no_more_than_a_little() -> None:
    text = 'email,note\na@e.org,"open\n' + "".join(f"r{n}@e.org,x\n" for n in range(20_000))
    found = read(text)
    assert refusals(found) == [(2, "a quote is not closed")]
    assert len(found) == 20_001


def test_lines_that_do_not_fit_are_refused() -> None:
    text = "email,name\na@e.org\nb@e.org,B,more\n\nc@e.org,C\n" + "x" * 70_000 + "\nd@e.org,D\n"
    found = read(text)
    assert refusals(found) == [
        (2, "has 1 columns, the heading 2"),
        (3, "has 3 columns, the heading 2"),
        (6, "is longer than 65,536 characters"),
    ]
    assert [each.line for each in found if isinstance(each, Entry)] == [5, 7]


def test_bytes_of_another_encoding_cost_their_line() -> None:
    found = read(b"email,name\na@e.org,Andr\xe9\nb@e.org,B\n")
    assert refusals(found) == [(2, "holds bytes that are not text in the encoding of the file")]
    assert len(found) == 2


@pytest.mark.parametrize("text", ["", "name,phone\nA,1\n", "a@e.org\n", 'email,"name\n'])
def test_a_file_without_a_column_of_addresses_is_no_list(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        read(text)
    assert caught.value.hint == "the first line names the columns: email,keywords"


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        ("since", "21/04/2023", "since: must be a time such as 2026-11-25T06:00:00Z (got 21/04/2023)"),
        ("confirm_time", "soon", "consent: must be a time such as 2026-11-25T06:00:00Z (got soon)"),
        ("digest", "hourly", "digest: there is none of the name hourly"),
        ("rhythm", "hourly", "rhythm: must be one of edition, daily, weekly (got hourly)"),
        ("length", "many", "length: must be a number from 0 to 1000 (got many)"),
        ("length", "1001", "length: must be a number from 0 to 1000 (got 1001)"),
        ("language", "tiếng Việt", "language: must be a tag such as vi or en-GB (got tiếng Việt)"),
        ("keywords", '"""a"" b"', 'keywords: quotes that do not fit (got "a" b)'),
        ("keywords", "a\u200bb", "keywords: no label (got a�b)"),
        ("origin", "friend", "origin: must be one of owner, reader (got friend)"),
    ],
)
def test_a_value_that_cannot_be_is_refused_by_name(column: str, value: str, reason: str) -> None:
    assert refusals(read(f"email,{column}\na@e.org,{value}\n")) == [(2, reason)]


def test_what_a_line_says_wins_over_the_terms() -> None:
    own = "email,digest,keywords,rhythm,weekday,length\n"
    text = own + 'a@e.org,weekly,"Giao thông, giao thông,  Y\ttế ,",weekly,Friday,5\nb@e.org,,,,,\n'
    terms = (Subscription("daily", ("Giáo dục",), Rhythm.DAILY, 0, 9),)
    first, second = people(read(text, choices=terms))
    chosen = Subscription("weekly", ("Giao thông", "Y tế"), Rhythm.WEEKLY, 4, 5)
    assert (first.subscriptions, second.subscriptions) == ((chosen,), terms)


def test_nobody_is_taken_without_the_words_to_which_he_agreed() -> None:
    with pytest.raises(UsageError, match="line 2: to which words") as caught:
        read("email\na@e.org\n", consent="")
    assert caught.value.hint.startswith("--consent")
    own = "email,consent_text\na@e.org,Yes\nb@e.org,\n"
    found = read(own, consent="")
    assert refusals(found) == [(3, "to which words this person agreed is not said")]
    assert people(found[:1])[0].consent == Consent(NOW, "import:a.csv", "Yes")


def test_it_must_be_said_which_digest_people_get() -> None:
    with pytest.raises(UsageError, match="line 2: which digest") as caught:
        read("email\na@e.org\n", choices=())
    assert caught.value.hint == "--digest: daily, weekly"
    assert person("email,status\na@e.org,bounced\n", choices=(), consent="").state is BOUNCED


# Our own


FULL = Subscriber(
    number=7,
    address="Reader@Example.org",
    key="reader@example.org",
    state=ACTIVE,
    language="vi",
    since=NOW - timedelta(days=3),
    consent=Consent(NOW - timedelta(days=3), "form", '-Vâng, "tôi"\nmuốn'),
    subscriptions=(
        Subscription("daily", ("Giao thông", "Y tế, sức khỏe", '=1+"1"'), Rhythm.WEEKLY, 6, 12),
        Subscription("weekly", origin=Origin.OWNER),
    ),
    history=(Happening(NOW, "confirmed", "daily (form)"),),
)
OTHERS = (
    Subscriber(8, '"=a b"@e.org', '"=a b"@e.org', UNSUBSCRIBED, since=NOW),
    Subscriber(9, "'+a@e.org", "'+a@e.org", BOUNCED, since=NOW, bounces=1),
    Subscriber(10, "-a@e.org", "-a@e.org", COMPLAINED, since=NOW),
)


def test_what_is_exported_as_json_is_read_back_with_consent_and_history() -> None:
    text = "".join(as_json([FULL, *OTHERS]))
    assert len(json.loads(text)) == 4
    back = people(read(text, "json", consent="", choices=()))
    assert back == [replace(each, number=0, bounces=0) for each in (FULL, *OTHERS)]
    assert people(read("".join(as_json([])), "json")) == []


@pytest.mark.parametrize("form", ["csv", "json"])
def test_the_owners_list_needs_no_consent(form: str) -> None:
    listed = replace(FULL, consent=None, subscriptions=FULL.subscriptions[1:], history=())
    text = "".join(WRITERS[form]([listed]))
    assert people(read(text, form, consent="")) == [replace(listed, number=0)]


def test_what_is_exported_as_csv_is_read_back_line_by_line() -> None:
    text = "".join(as_csv([FULL, *OTHERS]))
    first, second, *others = people(read(text, consent="", choices=()))
    merged = replace(first, subscriptions=first.subscriptions + second.subscriptions)
    assert merged == replace(FULL, number=0, history=())
    assert others == [replace(each, number=0, bounces=0) for each in OTHERS]


@pytest.mark.parametrize("mark", ["=", "+", "-", "@", "＝", "\t", "\r", "\n", "'=", "''="])
def test_no_exported_cell_begins_as_a_formula_and_all_are_read_back(mark: str) -> None:
    text = f"{mark}cmd|' /C calc'!A0"
    consent = Consent(NOW, text.strip() or "x", f"{text.strip()}")
    given = replace(FULL, consent=consent, subscriptions=(Subscription("daily", (text.strip(),)),))
    line = "".join(as_csv([given])).split("\r\n", 1)[1]
    (cells,) = csv.reader([line.removesuffix("\r\n")])
    assert not any(cell.startswith(("=", "+", "-", "@", "＝", "\t", "\r", "\n")) for cell in cells)
    assert person("".join(as_csv([given])), consent="").consent == consent


def test_objects_may_stand_in_any_layout() -> None:
    objects = [{"address": f"r{n}@e.org", "note": "[{,}]" * 20_000} for n in range(3)]
    for text in (
        json.dumps(objects),
        json.dumps(objects, indent=2),
        "\ufeff" + "\n".join(map(json.dumps, objects)),
        "\r\n,\n".join(map(json.dumps, objects)) + "\n\n",
    ):
        assert [each.address[:2] for each in people(read(text, "json"))] == ["r0", "r1", "r2"]


def test_broken_json_is_reported_with_its_line_and_ends_the_file() -> None:
    found = read('[\n{"address": "a@e.org"},\n\n{"address": \n{"address": "c@e.org"}]\n', "json")
    assert [each.line for each in found] == [2, 4]
    assert refusals(found) == [(4, "is not JSON from here on")]
    assert refusals(read('[{"address": "a@e.org"', "json")) == [(1, "is not JSON from here on")]
    for endless in ('{"a":' * 100_000, json.dumps({"address": "a@e.org", "note": "x" * 5_000_000})):
        assert refusals(read(endless, "json")) == [(1, "is not JSON from here on")]
    indented = json.dumps([{"address": "a@e.org"}, {"address": "b"}], indent=2)
    assert [line for line, _ in refusals(read(indented, "json"))] == [5]


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (3, "is no object"),
        ({}, "has no address"),
        ({"address": 3}, "address: is of a wrong type"),
        ({"address": "a@e.org", "state": "fond"}, "status: must be one of"),
        ({"address": "a@e.org", "subscriptions": {"digest": "daily"}}, "subscriptions: is of a wrong type"),
        ({"address": "a@e.org", "subscriptions": ["daily"]}, "is no object"),
        (
            {"address": "a@e.org", "subscriptions": [{"digest": "hourly"}]},
            "digest: there is none of the name",
        ),
        (
            {"address": "a@e.org", "subscriptions": [{"digest": "daily", "length": True}]},
            "length: is of a wrong",
        ),
        (
            {"address": "a@e.org", "subscriptions": [{"digest": "daily", "length": -1}]},
            "length: must be a number",
        ),
        (
            {"address": "a@e.org", "subscriptions": [{"digest": "daily", "keywords": [1]}]},
            "keywords: must be a",
        ),
        ({"address": "a@e.org", "consent": {"at": "soon", "text": "x"}}, "consent.at: must be a time"),
        ({"address": "a@e.org", "history": [{"at": "x"}]}, "history.at: must be a time"),
        ({"address": "a@e.org", "language": "\ud800"}, "language: holds half a character"),
        (
            {"address": "a@e.org", "consent": {"at": "2026-01-01", "text": ""}},
            "to which words this person agreed",
        ),
    ],
)
def test_an_object_that_cannot_be_somebody_is_refused(value: object, reason: str) -> None:
    terms = {"consent": ""} if "words" in reason else {}
    ((line, said),) = refusals(read(json.dumps(value) + "\n", "json", **terms))
    assert (line, said[: len(reason)]) == (1, reason)


def test_every_form_that_is_written_is_read() -> None:
    assert WRITERS.keys() == READERS.keys()
