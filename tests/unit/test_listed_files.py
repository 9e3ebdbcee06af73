"""Files that are known by a list of paths, as a bucket has it."""

from __future__ import annotations

from publisher.states import sifted


def test_a_folder_that_is_an_object_without_a_byte_is_no_seed() -> None:
    seeds, pictures = sifted(
        [
            ("2024", (0, 1)),
            ("2024/a.md", (5, 1)),
            ("2024/anh.gif", (7, 1)),
            ("2025", (4, 1)),
            ("2025/b.md", (5, 1)),
        ],
        (),
    )
    assert seeds == {"2024/a.md": (5, 1), "2025": (4, 1), "2025/b.md": (5, 1)}
    assert pictures == {"2024/anh.gif": (7, 1)}
