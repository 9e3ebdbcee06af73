"""The colours of the style sheets: everything that is read can be read (WCAG 2.2, 1.4.3)."""

from __future__ import annotations

import re
from itertools import product

import pytest

from publisher import addresses
from publisher.render.sources import built_in_folder

PALETTE = re.compile(r"--(\w+): #([0-9a-f]{6});")


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("sheet", [addresses.STYLE, addresses.FEED_STYLE])
def test_text_stands_out_from_its_ground_in_both_colour_schemes(sheet: str) -> None:
    css = (built_in_folder() / sheet).read_text(encoding="utf-8")
    light, dark = (dict(PALETTE.findall(part)) for part in css.split("prefers-color-scheme: dark", 1))
    assert light.keys() == {"paper", "wash", "ink", "quiet", "rule", "accent"}
    for palette in (light, light | dark):
        for text, ground in product(("ink", "quiet", "accent"), ("paper", "wash")):
            assert contrast(palette[text], palette[ground]) >= 4.5, (text, ground)


def test_both_sheets_have_the_same_colours() -> None:
    found = [
        PALETTE.findall((built_in_folder() / sheet).read_text(encoding="utf-8"))[:12]
        for sheet in (addresses.STYLE, addresses.FEED_STYLE)
    ]
    assert found[0] == found[1]
