"""Sentences that nobody wrote, the same for the same number."""

from __future__ import annotations

from random import Random

WORDS = """phường đường trường người dân xe máy cổng góp ý làn riêng tan giờ
buổi sáng chiều quận mới cũ đông vắng"""


def text(seed: int, sentences: int = 24) -> list[str]:
    rng = Random(seed)
    return [
        " ".join(rng.choices(WORDS.split(), k=rng.randint(8, 20))).capitalize() + "."
        for _ in range(sentences)
    ]
