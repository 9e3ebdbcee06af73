"""Seeds that look like those of a Vietnamese newspaper, the same on every machine.

Article `n` of a corpus depends on the seed and on `n` alone: a larger corpus begins with the smaller one.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from random import Random

NEWEST = datetime(2026, 11, 24, 5, 0, tzinfo=timezone(timedelta(hours=7)))
"""The date of no article is later; the seeds show its wall time in Vietnam."""

_SYLLABLE_LIST = """
    an ban bình bảo bộ cao chiều chung chính chương chủ chức cán cách công cơ cường cấp cộng của dân dự
    giao giáo giữ giải gương hiện hiệu hoạt huyện hành hình hướng hải học hội khai khu khách khởi kinh
    kiến kiểm kết kế lao liên luật lãnh lĩnh lớp lực mô mạnh mẽ mới ngành ngày nghiệp nghĩa nghị ngoài
    nguồn người nhiệm nhân nông năm nước nội phong phát pháp phường phối phụ quan quang quyết quản quận
    quốc sinh sáng sản sức tham thanh theo thi thiết thông thương thường thị thời thức thực tin tiến
    tiếp toàn trung trên trì trường trưởng trật trị tuyên tuyến tác tài tình tích tăng tế tổ tới từ tự
    viên việc việt vùng văn vận vệ vụ vững xuất xã xây xử y yêu án áp ý đa điểm điều đoàn đào đánh đó
    được đại đạo đảm đất đấu đầu đẩy đẹp đến đề đồng địa định đội đợt động đủ ước ổn
"""
_LITTLE_LIST = "và của trong với các những được tại cho đã trên từ về có là đến này theo khi cùng"
_FAMILY_LIST = "Nguyễn Trần Lê Phạm Hoàng Vũ Đặng Bùi Đỗ Ngô Dương Phan"
_GIVEN_LIST = "An Bình Chỉnh Doanh Dũng Giang Hà Hùng Khánh Lan Minh Nam Phong Quang Sơn Tĩnh Tuấn Xuân Yến"
_SYLLABLES, _LITTLE = _SYLLABLE_LIST.split(), _LITTLE_LIST.split()
_FAMILIES, _GIVEN = _FAMILY_LIST.split(), _GIVEN_LIST.split()
_FURNITURE = (
    "Bình luận của bạn về bài viết...",
    "captcha",
    "Bản tin Pháp luật",
    "Video clip",
    "Phóng sự ảnh",
    "An toàn giao thông",
)


@dataclass(frozen=True, slots=True)
class Corpus:
    """Articles by number, over `labels` drawn by Zipf's law: the first is the most frequent."""

    labels: tuple[str, ...]
    seed: int = 2026

    @classmethod
    def of(cls, keywords: int, seed: int = 2026) -> Corpus:
        """Make a corpus over so many keywords, no two of them equal without their marks."""
        rng, labels = Random(f"{seed}:keywords"), dict[str, str]()
        while len(labels) < keywords:
            label = " ".join(rng.sample(_SYLLABLES, rng.choice((2, 2, 3)))).capitalize()
            labels.setdefault(_plain(label), label)
        return cls(tuple(labels.values()), seed)

    def article(self, number: int) -> str:
        """Make the text of one seed: 200 to 900 words below the date, and the page's furniture."""
        rng = Random(f"{self.seed}:{number}")
        published = NEWEST - timedelta(minutes=rng.randrange(365 * 24 * 60))
        title = f"{_sentence(rng, rng.randint(8, 18))[:-1]} {number}"
        lines = [title, f"{published:%H:%M %d/%m/%Y}", _paragraph(rng, rng.randint(30, 60)), *_body(rng)]
        lines.append(f" {''.join(rng.choice('ABCDHKLMNPQTV') for _ in range(2))}")
        lines.append(f"Từ khóa: {', '.join(self._drawn(rng))}")
        return "\n\n".join((*lines, *_FURNITURE)) + "\n"

    def write(self, folder: Path, numbers: Sequence[int]) -> int:
        """Put these articles into a folder; returns their bytes."""
        folder.mkdir(parents=True, exist_ok=True)
        contents = ((number, self.article(number).encode()) for number in numbers)
        return sum((folder / f"{number:06}.txt").write_bytes(content) for number, content in contents)

    def _drawn(self, rng: Random) -> list[str]:
        weights = [1 / rank for rank in range(1, len(self.labels) + 1)]
        wanted, found = min(rng.randint(1, 4), len(self.labels)), dict[str, None]()
        while len(found) < wanted:
            found.update(dict.fromkeys(rng.choices(self.labels, weights)))
        return list(found)


def _body(rng: Random) -> list[str]:
    left, lines = rng.randint(170, 780), list[str]()
    while left > 0:
        length = min(left, rng.randint(50, 130))
        lines.append(_paragraph(rng, length))
        left -= length
        if rng.random() < 0.35:
            lines.append(f"{_name(rng)} phát biểu tại {' '.join(rng.choices(_SYLLABLES, k=4))}")
    return lines


def _paragraph(rng: Random, words: int) -> str:
    sentences = list[str]()
    while words > 0:
        length = min(words, rng.randint(12, 34))
        sentences.append(_sentence(rng, length))
        words -= length
    return " ".join(sentences)


def _sentence(rng: Random, words: int) -> str:
    drawn = [rng.choice(_LITTLE if rng.random() < 0.2 else _SYLLABLES) for _ in range(words)]
    if words > 14:
        drawn[words // 2] += ","
        drawn[-3:-1] = [_name(rng)]
    return " ".join(drawn).replace(drawn[0], drawn[0].capitalize(), 1) + "."


def _name(rng: Random) -> str:
    return f"{rng.choice(_FAMILIES)} {rng.choice(_GIVEN)} {rng.choice(_GIVEN)}"


def _plain(text: str) -> str:
    decomposed = unicodedata.normalize("NFD", text.lower().replace("đ", "d"))
    return "".join(character for character in decomposed if not unicodedata.combining(character))
