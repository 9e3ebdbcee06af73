"""Which words can be Vietnamese: the evidence by which an encoding is told from others."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

_RHYMES = """
a ac ach ai am an ang anh ao ap at au ay ăc ăm ăn ăng ăp ăt âc âm ân âng âp ât âu ây
e ec em en eng eo ep et ê êch êm ên êng ênh êp êt êu
i ia ic ich iêc iêm iên iêng iêp iêt iêu im in inh ip it iu
o oa oac oach oai oam oan oang oanh oao oap oat oay oăc oăm oăn oăng oăt oc oe oen oeo oet oi om on ong ooc oong op ot
ô ôc ôi ôm ôn ông ôp ôt ơ ơi ơm ơn ơp ơt
u ua uân uâng uât uây uc uê uêch uênh ui um un ung uơ uôc uôi uôm uôn uông uôt up ut uy uya uych uyên uyêt uynh uyt uyu
ư ưa ưc ưi ưng ươc ươi ươm ươn ương ươp ươt ươu ưt ưu y yêm yên yêng yêt yêu
"""
"""What stands behind the first consonants, without tones."""

_FIRST = "ngh|ng|nh|gh|gi|g|kh|k|ch|c|th|tr|t|ph|p|qu|q|b|d|đ|h|l|m|n|r|s|v|x|"
_TONES = {"\u0300", "\u0301", "\u0303", "\u0309", "\u0323"}
_SHARP = {"\u0301", "\u0323"}
"""The only tones of a syllable that ends in c, ch, p or t."""
_SYLLABLE = re.compile(rf"(?:{_FIRST})(?:{'|'.join(sorted(_RHYMES.split(), key=len, reverse=True))})")
_WORD = re.compile(r"[^\W\d_]+")
_STOPPED = ("c", "ch", "p", "t")


@dataclass(frozen=True, slots=True)
class Evidence:
    """How many words of a text have letters beyond ASCII, and how many of those can be Vietnamese."""

    marked: int = 0
    possible: int = 0

    @property
    def share(self) -> float:
        """The part of the marked words that can be Vietnamese, 0 where there are none."""
        return self.possible / self.marked if self.marked else 0.0


def evidence(text: str, most: int = 2000) -> Evidence:
    """What speaks for a text in NFC being Vietnamese, by its first `most` marked words."""
    marked = possible = 0
    known: dict[str, bool] = {}
    for found in _WORD.finditer(text):
        word = found[0]
        if word.isascii():
            continue
        if word not in known:
            known[word] = is_syllable(word)
        marked += 1
        possible += known[word]
        if marked == most:
            break
    return Evidence(marked, possible)


def is_syllable(word: str) -> bool:
    """Whether a word can be a syllable of Vietnamese: sounds and tone agree, and its case is one of a word."""
    if not (word.islower() or word.isupper() or word.istitle()):
        return False
    letters: list[str] = []
    tones: list[str] = []
    for character in unicodedata.normalize("NFD", word.lower()):
        (tones if character in _TONES else letters).append(character)
    sounds = unicodedata.normalize("NFC", "".join(letters))
    if len(tones) > 1 or not _SYLLABLE.fullmatch(sounds):
        return False
    return not sounds.endswith(_STOPPED) or bool(tones and tones[0] in _SHARP)
