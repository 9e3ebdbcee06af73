"""A path of a TOML file has the line where its statement began."""

from __future__ import annotations

import time

import pytest

from publisher.config.lines import line_of

TEXT = '''\
# a comment
top = 1

[a.b]          # 4: comes before its parent
x.y = [        # 5: [not, a, header]
  "one]",
  """two
[c]
""",
]
z = { q = [1, { r = 2 }] }
[a]
"quoted key" = \'\'\'
[d]
k = 1\'\'\'
[[many]]
name = "first"
[many.inner]
v = 1
[[many.deep]]
w = 1
[[many.deep]]
w = 2
[[many]]
name = "second"
[[many.deep]]
w = 3
'''


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("top",), 2),
        (("a", "b"), 4),
        (("a", "b", "x", "y"), 5),
        (("a", "b", "x", "y", 1), 5),
        (("a", "b", "z", "q", 1, "r"), 11),
        (("a",), 12),
        (("a", "quoted key"), 13),
        (("many",), 16),
        (("many", 0), 16),
        (("many", 0, "name"), 17),
        (("many", 0, "inner", "v"), 19),
        (("many", 0, "deep", 0, "w"), 21),
        (("many", 0, "deep", 1), 22),
        (("many", 1, "name"), 25),
        (("many", 1, "deep", 0, "w"), 27),
    ],
)
def test_what_is_there_has_its_own_line(path, line):
    assert line_of(TEXT, path) == line
    assert line_of(TEXT.replace("\n", "\r\n"), path) == line


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ((), 1),
        (("nothing",), 1),
        (("a", "nothing"), 12),
        (("a", "b", "no", "thing"), 4),
        (("many", 1, "no"), 24),
    ],
)
def test_what_is_missing_has_the_line_of_its_table(path, line):
    assert line_of(TEXT, path) == line


def test_a_long_file_takes_no_time():
    array = "recipients = [\n" + '  "a@example.org",\n' * 5000 + "]\n"
    text = "".join(f"[[topic]]\nname = '{number}'\n" for number in range(2000)) + array
    began = time.process_time()
    assert line_of(text, ("topic", 1999, "recipients", 4999)) == 4001
    assert time.process_time() - began < 5
