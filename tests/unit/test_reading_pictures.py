"""The pictures of an article: how they are named in seeds, found in the folder, and called on the page."""

import time
import unicodedata
from collections.abc import Iterable
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from publisher.model import Block, BlockKind, Draft, Picture, SeedFile
from publisher.reading import Options, attach, read, scan
from publisher.reading.sources import Folder

OPTIONS = Options(zone=ZoneInfo("Asia/Ho_Chi_Minh"), language="vi")


def folder(*paths: str) -> dict[str, SeedFile]:
    return {unicodedata.normalize("NFC", path): SeedFile(path, 3, 7) for path in paths}


def markdown(body: str, matter: str = "") -> Draft:
    return read(f"---\ntitle: T\ndate: 2023-05-30\n{matter}---\n{body}\n".encode(), "a.md", OPTIONS)


def holding(html: str) -> Draft:
    draft = markdown("Text.")
    return Draft(draft.title, draft.published, (Block(BlockKind.IMAGE, "", html),))


def attached(body: str, files: Iterable[str] = (), seed: str = "a.md", matter: str = "") -> Draft:
    return attach(markdown(body, matter), seed, folder(*files))


def html(draft: Draft) -> str:
    return "\n".join(block.html for block in draft.blocks)


def addresses(draft: Draft) -> list[str]:
    return [picture.url for picture in draft.pictures]


def test_a_picture_beside_the_seed_is_found() -> None:
    draft = attached("![A street](pictures/Đường%20phố.JPG)", ["news/pictures/Đường phố.JPG"], "news/a.md")
    assert draft.pictures == (Picture("duong-pho.jpg", "image/jpeg", 3, "news/pictures/Đường phố.JPG", 7),)
    assert html(draft) == '<img src="duong-pho.jpg" alt="A street">'


def test_a_picture_that_is_not_there_yet_is_remembered() -> None:
    (picture,) = attached("![](../late.png?size=big#top)", [], "news/a.md").pictures
    assert picture == Picture("late.png", "image/png", source="late.png")
    assert not picture.shown


@pytest.mark.parametrize(
    "src",
    [
        "../a.png",
        "x/../../a.png",
        "%2e%2e/a.png",
        "../news/a.png",
        "/a.png",
        "//cdn.example/a.png",
        "%2Fa.png",
        "a.svg",
        "a.bmp",
        "a",
        ".png",
        "?a.png",
        "a.png%00.png",
        "a%FF.png",
        "https://cdn.example/a",
        "https://cdn.example/a.svg",
        "https:///a.png",
        "https://cdn.example:bad/a.png",
        "https://[cdn/a.png",
    ],
)
def test_what_is_no_picture_stays_as_it_is(src: str) -> None:
    before = holding(f'<img src="{src}" alt="x">')
    assert attach(before, "a.md", folder("a.png", "a.svg", "a")) == before


@pytest.mark.parametrize(
    "src", ["ftp://cdn.example/a.png", "data:image/png;base64,xx", "C:/a.png", "image: a.png"]
)
def test_only_the_web_is_elsewhere(src: str) -> None:
    assert attached("Text.", ["a.png"], matter=f'image: "{src}"\n').pictures == ()


def test_a_picture_elsewhere_keeps_its_address() -> None:
    draft = attached("![](https://cdn.example/a%20b.WEBP?w=1&h=2#x) ![](HTTP://cdn.example/c.avif)")
    assert draft.pictures == (
        Picture("https://cdn.example/a%20b.WEBP?w=1&h=2", "image/webp"),
        Picture("http://cdn.example/c.avif", "image/avif"),
    )
    assert "https://cdn.example/a%20b.WEBP?w=1&amp;h=2#x" in html(draft)


@pytest.mark.parametrize("stored", ["NFC", "NFD"])
@pytest.mark.parametrize("written", ["NFC", "NFD"])
def test_a_vietnamese_name_is_found_in_any_unicode_form(stored: str, written: str) -> None:
    on_disk = unicodedata.normalize(stored, "Ảnh/Hội nghị ở Kiến An.png")
    src = unicodedata.normalize(written, "Hội nghị ở Kiến An.png")
    seed = unicodedata.normalize(written, "Ảnh/a.md")
    (picture,) = attach(holding(f'<img src="{src}">'), seed, folder(on_disk)).pictures
    assert (picture.url, picture.source, picture.length) == ("hoi-nghi-o-kien-an.png", on_disk, 3)


@pytest.mark.parametrize(
    ("src", "path", "name"),
    [
        ("a&quot;b&lt;c&gt;&amp;'d.png", "a\"b<c>&'d.png", "a-b-c-d.png"),
        ("100%.gif", "100%.gif", "100.gif"),
        ("a%20b.png", "a%20b.png", "a-20b.png"),
        ("日本.jpeg", "日本.jpeg", "picture.jpeg"),
        ("-.x.png", "-.x.png", "x.png"),
        ("INDEX.HTML.PNG", "INDEX.HTML.PNG", "index-html.png"),
        ("x" * 200 + ".png", "x" * 200 + ".png", "x" * 60 + ".png"),
    ],
)
def test_a_name_is_made_safe_for_an_address(src: str, path: str, name: str) -> None:
    draft = attach(holding(f'<img alt="src=\'no.png\' >" src="{src}">'), "a.md", folder(path))
    assert [(picture.url, picture.source, picture.length) for picture in draft.pictures] == [(name, path, 3)]
    assert html(draft) == f'<img alt="src=\'no.png\' >" src="{name}">'


def test_a_decoded_name_comes_before_the_one_that_looks_encoded() -> None:
    (picture,) = attached("![](a%20b.png)", ["a%20b.png", "a b.png"]).pictures
    assert picture.source == "a b.png"


def test_one_picture_is_listed_once_and_two_of_one_name_are_told_apart() -> None:
    body = "![](x/p.png) ![](y/p.png) ![](x/../x/p.png) ![](p-2.png) ![](x/P.PNG)"
    draft = attached(body, ["x/p.png", "y/p.png", "p-2.png", "x/P.PNG"])
    assert [(picture.url, picture.source) for picture in draft.pictures] == [
        ("p.png", "x/p.png"),
        ("p-2.png", "y/p.png"),
        ("p-2-2.png", "p-2.png"),
        ("p-3.png", "x/P.PNG"),
    ]
    assert [block.html.split('"')[1] for block in draft.blocks] == [
        *("p.png", "p-2.png", "p.png", "p-2-2.png", "p-3.png")
    ]


def test_pictures_within_text_lists_quotes_and_links_are_found_in_reading_order() -> None:
    body = "Text ![](1.png) more.\n\n- ![](2.gif)\n\n> ![](3.webp)\n\n[![](4.jpg)](map.html)\n\n    <img src='5.png'>"
    draft = attached(body)
    assert addresses(draft) == ["1.png", "2.gif", "3.webp", "4.jpg"]
    assert '<a href="map.html"><img src="4.jpg"' in html(draft)


def test_an_element_in_the_value_of_an_attribute_is_no_picture() -> None:
    before = holding("""<a title="<img src='a.png'>" href="x">y</a>""")
    assert attach(before, "a.md", folder("a.png")) == before


def test_without_pictures_a_draft_is_handed_on_as_it_is() -> None:
    draft = markdown("Some *text*, `<img src='a.png'>`.")
    assert attach(draft, "a.md", folder("a.png")) is draft
    plain = read(b"T\n30/05/2023\n<img src='a.png'>.", "a.txt", OPTIONS)
    assert attach(plain, "a.txt", folder("a.png")) is plain


@pytest.mark.parametrize("key", ["image", "cover", "Thumbnail"])
def test_the_main_picture_comes_first_and_once(key: str) -> None:
    draft = attached(
        "![](a.png) ![](b c.png) ![](<b c.png>)", ["a.png", "b c.png"], matter=f"{key}: b c.png\n"
    )
    assert addresses(draft) == ["b-c.png", "a.png"]
    assert [block.html for block in draft.blocks if "b-c.png" in block.html] != []


def test_a_main_picture_may_stand_elsewhere_or_hold_what_is_syntax_in_an_address() -> None:
    elsewhere = attached("Text.", matter="image: https://cdn.example/ảnh một.png\n")
    assert addresses(elsewhere) == ["https://cdn.example/%E1%BA%A3nh%20m%E1%BB%99t.png"]
    listed = attached("Text.", ["C# or F#?.png"], matter="image: ['C# or F#?.png', x.png]\n")
    assert [picture.source for picture in listed.pictures] == ["C# or F#?.png"]


def test_a_main_picture_that_is_none_is_not_listed() -> None:
    assert attached("Text.", matter="image: true\n").pictures == ()
    assert attached("Text.", matter="image:\ncover: []\n").pictures == ()


def test_a_thousand_pictures_are_attached_quickly() -> None:
    blocks = tuple(Block(BlockKind.IMAGE, "", f'<img src="{n}/p.png" alt="x">') for n in range(1000))
    draft = Draft("T", markdown("Text.").published, blocks)
    began = time.perf_counter()
    found = attach(draft, "a.md", folder(*(f"{n}/p.png" for n in range(1000))))
    assert time.perf_counter() - began < 1
    assert len(set(addresses(found))) == 1000
    assert addresses(found)[-1] == "p-1000.png"


def test_the_scan_tells_pictures_from_seeds(tmp_path: Path) -> None:
    decomposed = unicodedata.normalize("NFD", "ảnh.WebP")
    for name in ("a.md", "x/a.JPG", decomposed, "b.svg", ".c.png", "d.png~", "old/e.gif", "f.heic"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"123")
    (tmp_path / "link.png").symlink_to(tmp_path / "x" / "a.JPG")
    found = scan(Folder(tmp_path, ["old/*"]))
    assert [seed.path for seed in found.seeds] == ["a.md"]
    assert {key: (file.path, file.size) for key, file in found.pictures.items()} == {
        "x/a.JPG": ("x/a.JPG", 3),
        "ảnh.WebP": (decomposed, 3),
    }
