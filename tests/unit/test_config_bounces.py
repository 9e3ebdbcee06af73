"""config.toml on what comes back: `[mail.bounces]` and `[mail.webhooks]`."""

from __future__ import annotations

from pathlib import Path

import pytest

from publisher.config import Config
from publisher.config.load import load
from publisher.errors import ConfigError

LEAST = '[site]\ntitle = "T"\nurl = "https://e.org/"\n[mail]\nsender = "a@e.org"\n'


def read(folder: Path, text: str) -> Config:
    (folder / "config.toml").write_text(LEAST + text, encoding="utf-8")
    return load(folder / "config.toml")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (
            '[mail.bounces]\naddress = "Trả lại <bounces@e.org>"\n',
            "mail.bounces.address: must be one address in ASCII",
        ),
        (
            '[mail.bounces]\naddress = "bounces@toàsoạn.example"\n',
            "mail.bounces.address: must be one address in ASCII",
        ),
        ('[mail.bounces]\naddress = "bounces"\n', "mail.bounces.address: must be one address in ASCII"),
        ("[mail.bounces]\naddress = '\"b c\"@e.org'\n", "mail.bounces.address: must be one address in ASCII"),
        (
            '[mail.bounces]\naddress = "a@e.org, b@e.org"\n',
            "mail.bounces.address: must be one address in ASCII",
        ),
        ('[mail.bounces]\naddress = "bounces+x@e.org"\n', "mail.bounces.address: must be without a +"),
        (
            f'[mail.bounces]\naddress = "{"b" * 32}@e.org"\n',
            "mail.bounces.address: must have at most 31 letters",
        ),
        (
            '[mail.bounces]\nmaildir = "data/mail"\n',
            "mail.bounces.maildir: must not be the Maildir of [mail]",
        ),
        (
            '[mail.bounces]\nmaildir = "x/../data/./mail"\n',
            "mail.bounces.maildir: must not be the Maildir of [mail]",
        ),
        (
            'maildir = "post"\n[mail.bounces]\nmaildir = "post"\n',
            "mail.bounces.maildir: must not be the Maildir",
        ),
        (
            '[mail.bounces]\nmaildir = "public/back"\n',
            "mail.bounces.maildir: must not be in the output folder",
        ),
        ("[mail.bounces]\nsoft = 0\n", "mail.bounces.soft: must be at least 1"),
        ('[mail.bounces.imap]\nhost = "imap.e.org"\n', "mail.bounces.imap.username: missing"),
        ('[mail.bounces.imap]\nhost = "imap.e.org"\nusername = ""\n', "mail.bounces.imap.username: missing"),
        ('[mail.bounces.imap]\nhost = " "\nusername = "u"\n', "mail.bounces.imap.host: must not be blank"),
        ('[mail.bounces.imap]\nfolder = "a\\nb"\n', "mail.bounces.imap.folder: must be one line"),
        (
            '[mail.webhooks]\nses_topics = ["reports"]\n',
            "mail.webhooks.ses_topics[0]: must be the ARN of a topic",
        ),
        (
            '[mail.webhooks]\nses_topics = ["arn:aws:sns:eu-west-1:1234:reports"]\n',
            "mail.webhooks.ses_topics[0]: must be the ARN of a topic",
        ),
    ],
)
def test_a_fault_is_named(tmp_path: Path, text: str, fault: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, text)
    assert len(caught.value.lines) == 1
    assert f": {fault}" in caught.value.lines[0]


@pytest.mark.parametrize(
    "table",
    [
        "[mail.smtp]\npassword_env",
        '[[mail.relay]]\nname = "b"\npassword_env',
        "[mail.bounces.imap]\npassword_env",
        "[mail.webhooks]\npostmark_env",
        "[mail.webhooks]\nmailgun_env",
    ],
)
def test_a_secret_in_the_file_is_refused_and_not_repeated(tmp_path: Path, table: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, f'{table} = "postmark:mật-khẩu"\n')
    (line,) = caught.value.lines
    assert "must be the name of an environment variable, never the secret itself" in line
    assert "khẩu" not in line


def test_what_is_right_is_taken(tmp_path: Path) -> None:
    config = read(
        tmp_path,
        f"""
[mail.bounces]
address = "{"b" * 31}@bounce.e.org"
maildir = "data/bounces"
soft = 3
[mail.bounces.imap]
host = "imap.e.org"
username = "Trả lại"
folder = "Thư trả"
[mail.webhooks]
ses_topics = ["arn:aws:sns:eu-west-1:123456789012:reports", "arn:aws-cn:sns:cn-north-1:123456789012:r_2"]
postmark_env = "POSTMARK"
mailgun_env = "_mailgun_2"
""",
    )
    assert config.mail.bounces.imap.folder == "Thư trả"
    assert len(config.mail.webhooks.ses_topics) == 2
