"""Every rule for feeds finds what it is for, and nothing in a clean document."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from feedrules import LARGEST, faults

NOW = datetime(2023, 6, 1, tzinfo=UTC)

RSS = """\
<?xml version='1.0' encoding='UTF-8'?>
<rss xmlns:atom="http://www.w3.org/2005/Atom" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:fh="http://purl.org/syndication/history/1.0"
 version="2.0"><channel><title>Tin &#x26; bài</title><link>https://e.org/</link>
<description>Tin tức</description><atom:link href="https://e.org/a/1.rss" rel="self" type="application/rss+xml"/>
<atom:link href="https://e.org/feed.rss" rel="current"/><atom:link href="https://e.org/a/0.rss" rel="prev-archive"/>
<fh:archive/><language>vi</language><lastBuildDate>Tue, 30 May 2023 17:26:00 +0700</lastBuildDate><ttl>15</ttl>
<skipHours><hour>23</hour></skipHours><skipDays><day>Sunday</day></skipDays>
<image><url>https://e.org/i.png</url><title>Tin &#x26; bài</title><link>https://e.org/</link></image>
<item><title>Hai</title><link>https://e.org/2/</link><guid isPermaLink="false">tag:e.org,2023:2</guid>
<description>Tóm tắt</description><content:encoded>&lt;p&gt;&lt;a href="https://e.org/x"&gt;x&lt;/a&gt;&lt;/p&gt;</content:encoded>
<pubDate>Tue, 30 May 2023 17:26:00 +0700</pubDate><dc:creator>KC</dc:creator>
<category>Kiến An</category><category>Cổ vũ</category>
<enclosure url="https://e.org/a.mp3" length="0" type="audio/mpeg"/></item>
<item><title>Một</title><link>https://e.org/1/</link><guid>https://e.org/1/</guid>
<pubDate>Mon, 29 May 2023 10:00:00 GMT</pubDate><author>kc@e.org (KC)</author></item>
</channel></rss>
"""

ATOM = """\
<?xml version='1.0' encoding='UTF-8'?>
<feed xmlns="http://www.w3.org/2005/Atom" xmlns:fh="http://purl.org/syndication/history/1.0" xml:lang="vi">
<id>tag:e.org,2023:feed</id><title>Tin</title><updated>2023-05-30T17:26:00+07:00</updated>
<author><name>KC</name></author><link href="https://e.org/a/1.atom" rel="self" type="application/atom+xml"/>
<link href="https://e.org/" type="text/html"/><link href="https://e.org/feed.atom" rel="current"/>
<link href="https://e.org/a/2.atom" rel="next-archive"/><fh:archive/>
<entry><id>tag:e.org,2023:2</id><title>Hai</title><updated>2023-05-30T17:26:00+07:00</updated>
<published>2023-05-30T17:26:00+07:00</published><link href="https://e.org/2/"/><summary>Tóm tắt</summary>
<category term="kien-an" label="Kiến An"/><category term="co-vu" label="Cổ vũ"/>
<content type="html">&lt;p&gt;&lt;a href="https://e.org/x"&gt;x&lt;/a&gt;&lt;/p&gt;</content></entry>
<entry><id>tag:e.org,2023:1</id><title>Một</title><updated>2023-05-29T10:00:00Z</updated>
<published>2023-05-29T10:00:00Z</published><link href="https://e.org/1/"/></entry>
</feed>
"""

JSON = """\
{"version": "https://jsonfeed.org/version/1.1", "title": "Tin", "home_page_url": "https://e.org/", "language": "vi",
"feed_url": "https://e.org/feed.json", "next_url": "https://e.org/2.json", "authors": [{"name": "KC"}],
"hubs": [{"type": "WebSub", "url": "https://hub.e.org/"}], "_mine": 1, "items": [
{"id": "tag:e.org,2023:2", "url": "https://e.org/2/", "title": "Hai", "tags": ["Kiến An", "Cổ vũ"],
"content_html": "<a href='https://e.org/x'>x</a>",
"date_modified": "2023-05-30T17:26:00+07:00", "date_published": "2023-05-30T17:26:00+07:00",
"attachments": [{"url": "https://e.org/a.mp3", "mime_type": "audio/mpeg", "size_in_bytes": 9}]},
{"id": "tag:e.org,2023:1", "url": "https://e.org/1/", "title": "Một", "content_text": "Thân",
"date_published": "2023-05-29T10:00:00Z"}]}
"""

OPML = """\
<?xml version='1.0' encoding='UTF-8'?>
<opml version="2.0"><head><title>Tin</title><dateCreated>Tue, 30 May 2023 17:26:00 +0700</dateCreated></head>
<body><outline text="Tin"><outline text="A" type="rss" xmlUrl="https://e.org/feed.rss" htmlUrl="https://e.org/"/>
<outline text="B" type="rss" xmlUrl="https://e.org/feed.atom"/></outline></body></opml>
"""

CLEAN = {"rss": RSS, "atom": ATOM, "json": JSON, "opml": OPML}
LINK = 'href="https://e.org/x"'
FIRST_ATOM = '<link href="https://e.org/2/"/><summary>Tóm tắt</summary>'
CONTENT = ATOM[ATOM.index("<content") : ATOM.index("</content>") + len("</content>")]
IMAGE = RSS[RSS.index("<image>") : RSS.index("<item>")]
CHANGED = "<atom:updated>2023-05-31T00:00:00Z</atom:updated>"
LINKS = ATOM[ATOM.index("</author>") + len("</author>") : ATOM.index("<entry>")]
ENTRIES = ATOM[ATOM.index("<entry>") : ATOM.index("\n</feed>")]
GRAMMAR = "breaks Atom's grammar"

PLANTED = [
    # what all documents share
    *[(form, "Tin", "T\u200bin", None) for form in CLEAN],
    *[(form, ">Tin", ">Tin&nbsp;", "not well-formed") for form in ("rss", "atom", "opml")],
    *[(form, "'UTF-8'?>", "'UTF-8'?><?x " + "y" * 500 + "?>", "first 512 bytes") for form in ("rss", "atom")],
    *[(form, "Tin", "T\ufdd0in", "noncharacter: U+FDD0") for form in CLEAN],
    *[(form, "Tin", "T\U0001fffein", "noncharacter: U+1FFFE") for form in CLEAN],
    *[(form, "Tin", "T\x9bin", "control character: U+009B") for form in CLEAN],
    *[(form, "Tin", "T\u202ein", "unbalanced bidirectional") for form in CLEAN],
    *[(form, "Tin", "T\u2067i\u202cn", "unbalanced bidirectional") for form in CLEAN],
    *[(form, "Tin", "T\u2069in", "unbalanced bidirectional") for form in CLEAN],
    *[(form, "Tin", "T\u2067i\u202an\u202c\u2069", None) for form in CLEAN],
    ("rss", "'UTF-8'", "'ISO-8859-1'", "declares the encoding"),
    ("json", '"Tin"', '"T\\u0001in"', "control character: U+0001"),
    ("json", '"Tin"', '"T\\ud800in"', "lone surrogate: U+D800"),
    ("json", '"Tin"', '"T\\nin"', "tab or newline"),
    ("atom", "Tin<", "T\tin<", "tab or newline"),
    # entries together
    ("rss", "Mon, 29 May 2023 10:00:00 GMT", "Tue, 30 May 2023 10:27:00 GMT", "newer than the entry before"),
    ("rss", "GMT</pubDate>", f"GMT</pubDate>{CHANGED}", "before its newest entry"),
    ("rss", "GMT</pubDate>", f"GMT</pubDate>{CHANGED[:-len('Z</atom:updated>')]}</atom:updated>", "no time zone"),
    ("rss", "Tue, 30 May 2023 17:26:00 +0700</last", "Mon, 29 May 2023 17:26:00 +0700</last", "before its newest"),
    ("rss", "<pubDate>Mon, 29 May 2023 10:00:00 GMT</pubDate>", "", "Item 2 does not say when it was published"),
    ("rss", "<link>https://e.org/1/", "<link>https://e.org/2/", "Two entries have the link"),
    ("rss", "<guid>https://e.org/1/", '<guid isPermaLink="false">tag:e.org,2023:2', "Two entries have the id"),
    ("rss", "Cổ vũ", "KIẾN AN", "repeats the category"),
    ("rss", "Cổ vũ", "Kie\u0302\u0301n An", "repeats the category"),
    ("rss", "May 2023 17:26:00 +0700</pub", "May 3023 17:26:00 +0700</pub", "in the future"),
    ("rss", "30 May 2023 17:26:00 +0700</last", "30 May 3023 17:26:00 +0700</last", "changed in the future"),
    ("atom", "<published>2023-05-29", "<published>2023-05-31", "newer than the entry before"),
    ("atom", "<published>2023-05-29", "<published>2023-05-30", "updated before it was published"),
    ("atom", "Tin</title><updated>2023-05-30", "Tin</title><updated>2023-05-29", "before its newest entry"),
    ("atom", "<published>2023-05-29T10:00:00Z</published>", "", "Entry 2 does not say when it was published"),
    ("atom", "<updated>2023-05-29T10:00:00Z", "<updated>2023-05-30T17:26:00+07:00", "Two entries were updated at"),
    ("atom", "https://e.org/1/", "https://e.org/2/", "Two entries have the link"),
    ("atom", "2023:1<", "2023:2<", "Two entries have the id"),
    ("atom", "co-vu", "KIEN-AN", "repeats the category"),
    ("atom", "Cổ vũ", "KIE\u0302\u0301N AN", "repeats the category"),
    ("atom", "2023-05-30T17:26:00+07:00</published", "2023-06-30T17:26:00+07:00</published", "in the future"),
    ("json", "2023-05-29T10", "2023-05-31T10", "newer than the entry before"),
    ("json", '"date_published": "2023-05-29T10:00:00Z"', '"summary": "x"', "does not say when"),
    ("json", "https://e.org/1/", "https://e.org/2/", "Two entries have the link"),
    ("json", "2023:1", "2023:2", "Two entries have the id"),
    ("json", "Cổ vũ", "kiến an", "repeats the category"),
    ("json", '2023-05-30T17:26:00+07:00",\n"att', '2023-07-30T17:26:00+07:00",\n"att', "in the future"),
    # HTML
    *[(form, LINK, 'href="java&#9;script:alert(1)"', "javascript: URL in href") for form in ("rss", "atom")],
    *[(form, LINK, 'href=" JavaScript:alert(1)"', "javascript: URL in href") for form in ("rss", "atom")],
    *[(form, LINK, 'href="/x"', "relative URL in href") for form in ("rss", "atom")],
    *[(form, LINK, 'href="//e.org/x"', "relative URL in href") for form in ("rss", "atom")],
    *[(form, LINK, 'src="data:image/png;base64,AA"', "data: URL in src") for form in ("rss", "atom")],
    *[(form, LINK, 'srcset="https://e.org/a 1x, b.png 2x"', "relative URL in srcset") for form in ("rss", "atom")],
    *[(form, LINK, 'href="https:///x"', "broken URL") for form in ("rss", "atom")],
    *[(form, LINK, 'href="mailto:a@e.org"', None) for form in ("rss", "atom")],
    *[(form, LINK, 'onclick="x()"', "an attribute onclick") for form in ("rss", "atom")],
    *[(form, "&lt;p&gt;", "&lt;script&gt;", "a script element") for form in ("rss", "atom")],
    ("json", "https://e.org/x", "vbscript:x", "vbscript: URL in href"),
    ("json", "https://e.org/x", "#x", "relative URL in href"),
    ("rss", "Tóm tắt<", "&lt;img src=x&gt;<", "relative URL in src"),
    ("atom", CONTENT, "<content type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'><a href='x'/></div></content>",
     "relative URL in href"),
    # archives
    ("rss", 'rel="current"', 'rel="related"', "no link to its current feed"),
    ("atom", 'rel="current"', 'rel="related"', "no link to its current feed"),
    ("rss", "https://e.org/a/0.rss", "0.rss", "prev-archive link of the channel is no absolute"),
    ("atom", "https://e.org/a/2.atom", "../2.atom", "next-archive link of the feed is no absolute"),
    ("rss", "<fh:archive/>", "<fh:complete/>", "both complete and archived"),
    ("atom", "<fh:archive/>", "<fh:archive/><fh:complete/>", "both complete and archived"),
    ("rss", 'rel="self"', 'rel="related"', "no link to itself"),
]  # fmt: skip

RSS_PLANTED = [
    ('version="2.0"', 'version="0.91"', "not rss of version 2.0"),
    ("</channel>", "</channel><channel/>", "2 channels"),
    ("<title>Tin &#x26; bài</title>", "", "The channel has no title"),
    ("<title>Hai", "<title> ", "Item 1 has an empty title"),
    ("<title>Hai</title>", "", "Item 1 has no title"),
    ("<link>https://e.org/</link>", "", "The channel has no link"),
    ("<description>Tin tức</description>", "", "The channel has no description"),
    ("<ttl>15</ttl>", "<ttl>15</ttl><ttl>15</ttl>", "two ttl elements"),
    ("<title>Hai</title>", "<title>Hai</title><title>Ba</title>", "Item 1 has two title elements"),
    ("<ttl>15</ttl>", "<foo/>", "unknown element foo"),
    ("<ttl>15", "<ttl>0", "ttl is no positive number"),
    ("<ttl>15", "<ttl>-5", "ttl is no positive number"),
    ("<ttl>15</ttl>", "<managingEditor>KC</managingEditor>", "managingEditor has no address"),
    ("<hour>23", "<hour>24", "impossible hour"),
    ("<day>Sunday", "<day>Sun", "impossible day"),
    ("<hour>23</hour>", "<hour>2</hour><hour>2</hour>", "skips '2' twice"),
    ("<language>vi</language>", "", "names no language"),
    ("<language>vi", "<language>tiếng Việt", "impossible language"),
    ('rel="self"', 'rel="related"', "no self link"),
    ('rel="self" type="application/rss+xml"', 'rel="self"', "self link of the feed has no type"),
    ("<url>https://e.org/i.png", "<url>i.png", "url of the image is no absolute"),
    ("<image><url>https://e.org/i.png</url><title>Tin", "<image><url>https://e.org/i.png</url><title>Tín",
     "image's title is not the channel's"),
    ("<link>https://e.org/</link></image>", "<link>https://e.org</link></image>", "link is not the channel's"),
    (IMAGE, "", None),
    ("</link></image>", "</link><width>145</width></image>", "image's width"),
    ("Tue, 30 May 2023 17:26:00 +0700</pub", "Tue, 30 May 23 17:26:00 +0700</pub", "no year of four digits"),
    ("Tue, 30 May 2023 17:26:00 +0700</pub", "Wed, 30 May 2023 17:26:00 +0700</pub", "wrong weekday"),
    ("Tue, 30 May 2023 17:26:00 +0700</pub", "Tue, 30 May 2023 17:26:00 ICT</pub", "neither a numeric zone"),
    ("Tue, 30 May 2023 17:26:00 +0700</last", "Tue, 30 May 2023 17:26:00 ICT</last", "neither a numeric zone"),
    ("Tue, 30 May 2023 17:26:00 +0700</pub", "2023-05-30T17:26:00+07:00</pub", "no RFC 822 date"),
    ("Tue, 30 May 2023 17:26:00 +0700</pub", "Wed, 31 Feb 2023 17:26:00 +0700</pub", "is impossible"),
    ('<guid isPermaLink="false">tag:e.org,2023:2</guid>', "", "has no guid"),
    ('<guid isPermaLink="false">', "<guid>", "no URL without isPermaLink"),
    ('isPermaLink="false"', 'isPermaLink="no"', "neither true nor false"),
    ("<description>Tóm tắt</description>", "", "content:encoded without a description"),
    ("<description>Tóm tắt</description><content:encoded>&lt;p&gt;",
     "<content:encoded/><description>Tóm tắt</description><content:encoded>", "behind content:encoded"),
    ("<enclosure ", '<enclosure url="https://e.org/b" length="1" type="a/b"/><enclosure ', "two enclosure"),
    ("https://e.org/a.mp3", "a.mp3", "enclosure of item 1 is no absolute"),
    ('length="0"', 'length="?"', "no length in digits"),
    (' type="audio/mpeg"', "", "enclosure of item 1 has no media type"),
    ("kc@e.org (KC)", "KC", "author without an address"),
    ("<dc:creator>KC</dc:creator>", "<dc:creator>KC</dc:creator><author>kc@e.org</author>", "both author and dc"),
    ("<dc:creator>KC", "<dc:creator>", "empty dc:creator"),
    ("<link>https://e.org/2/", "<link>https://e.org/tập/", "link of item 1 is not ASCII"),
    ("<link>https://e.org/2/", "<link>https://[e", "link of item 1 is no absolute"),
    ("<link>https://e.org/2/", "<link>mailto:a@e.org", "link of item 1 is no absolute"),
    ("<link>https://e.org/2/", "<link>https://e.org/a b", "characters that no URL has"),
    ("</author>", '</author><source url="x">X</source>', "source of item 2 is no absolute"),
    ("<title>Hai", "<title>Hai &amp; ba", "writes '&amp;'"),
    ("<title>Hai", "<title>Hai &lt;b>", "writes '&lt;'"),
    ("<title>Hai", "<title>Hai &#38; ba", "writes '&#38;'"),
    ("<title>Hai", "<title><![CDATA[<b>]]>", "writes '<![CDATA['"),
    ("<title>Hai", "<title>Hai &#x26; &#x3c;", None),
]  # fmt: skip

ATOM_PLANTED = [
    ("<id>tag:e.org,2023:feed</id>", "", GRAMMAR),
    ("<title>Hai</title>", "", "Entry 1 has no title"),
    ("<title>Hai</title>", "", GRAMMAR),
    ("<title>Hai", "<title>\u2067\u2069 ", "Entry 1 has an empty title"),
    ("<title>Hai", '<title type="html">Hai', "title that is not plain text"),
    ("<title>Hai</title>", "<title>Hai</title><title>Ba</title>", GRAMMAR),
    ("<title>Hai", '<title type="markdown">Hai', GRAMMAR),
    ("<title>Tin", "<title><b/>Tin", GRAMMAR),
    ("<updated>2023-05-29T10:00:00Z</updated>", "", GRAMMAR),
    ("<updated>2023-05-29T10:00:00Z", "<updated>2023-05-29T10:00:00", GRAMMAR),
    ("<updated>2023-05-29T10:00:00Z", "<updated>2023-05-29T10:00:00", "has no time zone"),
    ("<updated>2023-05-29T10:00:00Z", "<updated>29/05/2023", "no RFC 3339 date"),
    ("<updated>2023-05-29T10:00:00Z", "<updated>2023-02-29T10:00:00Z", "is impossible"),
    ("<fh:archive/>", "<foo/>", GRAMMAR),
    ("<fh:archive/>", '<fh:archive/><foo xmlns="" bar="1"><id xmlns="http://www.w3.org/2005/Atom"/></foo>', None),
    (' xml:lang="vi"', ' lang="vi"', GRAMMAR),
    (' xml:lang="vi"', "", "names no language"),
    (' xml:lang="vi"', ' xml:lang="vi" xml:base="https://e.org/" fh:x="1"', None),
    ("<name>KC</name>", "", GRAMMAR),
    ("<name>KC</name>", "<name>KC</name><email>KC</email>", GRAMMAR),
    ("<name>KC</name>", "<name>KC</name><fh:x/><uri>https://e.org/</uri>", None),
    ("<author><name>KC</name></author>", "", "Neither the feed nor entry 1 has an author"),
    (f"<author><name>KC</name></author>{LINKS}{ENTRIES}", LINKS, "Neither the feed nor any entry has an author"),
    ('term="co-vu"', "", GRAMMAR),
    ('<link href="https://e.org/1/"/>', "<link/>", GRAMMAR),
    ('<link href="https://e.org/1/"/>', "", "neither content nor an alternate link"),
    ('<link href="https://e.org/1/"/>', '<link href="https://e.org/1/" rel="a b"/>', GRAMMAR),
    ('<link href="https://e.org/1/"/>', '<link href="https://e.org/1/"/><link href="https://e.org/3/"/>',
     "two alternate links of one type"),
    ('<link href="https://e.org/1/"/>', '<link href="ftp://e.org/1/"/>', "no absolute http URL"),
    ('<link href="https://e.org/1/"/>', '<link href="https://e.org/1/" length="x"/>', "length that is no number"),
    ('type="text/html"', 'type="html"', GRAMMAR),
    ('rel="self"', 'rel="related"', "no self link"),
    ('rel="self" type="application/atom+xml"', 'rel="self"', "self link of the feed has no type"),
    ('rel="current"', 'rel="self"', "2 self links"),
    ("tag:e.org,2023:feed", "1", "id of the feed is no absolute IRI"),
    ("tag:e.org,2023:1", "tag:e.org,2023:tập", "id of entry 2 is not ASCII"),
    ("tag:e.org,2023:1", "tag:e.org:1", "id of entry 2 is no tag URI"),
    ("tag:e.org,2023:1", "urn:uuid:1", "id of entry 2 is no urn:uuid URI"),
    (CONTENT, '<content src="https://e.org/x"/>', None),
    (FIRST_ATOM, '<content src="https://e.org/x"/>', "no summary"),
    (CONTENT, '<content src="https://e.org/x">x</content>', GRAMMAR),
    (CONTENT, '<content type="xhtml"><p xmlns="http://www.w3.org/1999/xhtml"/></content>', GRAMMAR),
    (CONTENT, '<content type="image/svg+xml"><svg xmlns="http://www.w3.org/2000/svg"/></content>', None),
    (CONTENT, "<content><b/></content>", GRAMMAR),
    (CONTENT, "<source><id>tag:o.org,2023:1</id><foo/></source>", GRAMMAR),
    (CONTENT, "<source><id>tag:o.org,2023:1</id><title>O</title></source>", None),
    ("</entry>\n</feed>", "</entry><subtitle>x</subtitle></feed>", GRAMMAR),
]  # fmt: skip

JSON_PLANTED = [
    ('{"version"', '"version"', "not JSON"),
    ('"size_in_bytes": 9', '"size_in_bytes": NaN', "not JSON"),
    ('"size_in_bytes": 9', '"size_in_bytes": "9"', "wrong type in size_in_bytes"),
    ('"size_in_bytes": 9', '"size_in_bytes": true', "wrong type in size_in_bytes"),
    ('"_mine": 1', '"title": "Tin"', "the key 'title' twice"),
    ('"_mine"', '"mine"', "unknown key 'mine'"),
    ('"_mine": 1', '"author": {"name": "KC"}', "unknown key 'author'"),
    ("version/1.1", "version/1", "version is not"),
    ('"title": "Tin", ', "", "The feed has no title"),
    ('"Tin"', "5", "wrong type in title"),
    ('"items"', '"_items"', "The feed has no items"),
    ('"feed_url": "https://e.org/feed.json", ', "", "The feed has no feed_url"),
    ("https://e.org/2.json", "https://e.org/feed.json", "next_url is its feed_url"),
    ("https://e.org/2.json", "2.json", "next_url of the feed is no absolute"),
    ("https://e.org/2/", "javascript:x", "url of item 1 is no absolute"),
    ('"language": "vi"', '"_l": 1', "names no language"),
    ('[{"name": "KC"}]', '["KC"]', "author of the feed is no object"),
    ('[{"name": "KC"}]', "[{}]", "neither name, url nor avatar"),
    ('[{"name": "KC"}]', '{"name": "KC"}', "wrong type in authors"),
    ('"type": "WebSub", ', "", "hub of the feed has no type"),
    (', "url": "https://hub.e.org/"', "", "hub of the feed has no url"),
    ('"id": "tag:e.org,2023:2", ', "", "Item 1 has no id"),
    ('"tag:e.org,2023:2"', "2", "wrong type in id"),
    ('"Hai"', '" "', "Item 1 has an empty title"),
    ('"content_text": "Thân"', '"summary": "Thân"', "neither content_html nor content_text"),
    ("2023-05-29T10:00:00Z", "2023-05-29T10:00:00", "has no time zone"),
    ("2023-05-29T10:00:00Z", "Mon, 29 May 2023 10:00:00 GMT", "no RFC 3339 date"),
    ('"Cổ vũ"', "7", "tag that is no string"),
    (', "mime_type": "audio/mpeg"', "", "attachment of item 1 has no mime_type"),
    ('"url": "https://e.org/a.mp3", ', "", "attachment of item 1 has no url"),
    ('"content_text"', '"language": "?", "content_text"', "impossible language"),
    ('{"id": "tag:e.org,2023:2"', '7, {"id": "tag:e.org,2023:2"', "Item 1 is no object"),
]  # fmt: skip

OPML_PLANTED = [
    ('version="2.0"', 'version="1.0"', "not opml of version 2.0"),
    ("<body>", "<head/><body>", "one head and one body"),
    ("<title>Tin</title>", "", "The list has no title"),
    ("Tue, 30 May", "Wed, 30 May", "wrong weekday"),
    ("Tue, 30 May 2023", "Fri, 30 May 2025", "in the future"),
    (' text="A"', "", "Outline 2 has no text"),
    ('type="rss"', 'type="rss" version="RSS2"', "has a version"),
    ('xmlUrl="https://e.org/feed.rss"', "", "has no xmlUrl"),
    ('type="rss"', 'type="atom"', "not the type rss"),
    ("https://e.org/feed.rss", "feed.rss", "xmlUrl of outline 2 is no absolute"),
    ("feed.atom", "feed.rss", "Two outlines have the xmlUrl"),
    (OPML[OPML.index("<outline") : OPML.index("</body>")], "", "no outlines"),
]  # fmt: skip

CASES = PLANTED + [
    (form, *case)
    for form, cases in {
        "rss": RSS_PLANTED,
        "atom": ATOM_PLANTED,
        "json": JSON_PLANTED,
        "opml": OPML_PLANTED,
    }.items()
    for case in cases
]


@pytest.mark.parametrize("form", CLEAN)
def test_a_clean_document_has_no_faults(form: str) -> None:
    assert faults(f"public/feed.{form}", CLEAN[form].encode(), NOW) == []
    assert faults(f"https://e.org/feed.{form}?x=1", CLEAN[form].encode()) == []


@pytest.mark.parametrize(
    ("form", "old", "new", "words"),
    CASES,
    ids=[f"{number}-{form}-{words}" for number, (form, _, _, words) in enumerate(CASES)],
)
def test_a_planted_fault_is_found(form: str, old: str, new: str, words: str | None) -> None:
    """Without `words`, the change is one that the rules must allow, wherever it is made."""
    assert old in CLEAN[form]
    found = faults(f"feed.{form}", CLEAN[form].replace(old, new, 1 if words else -1).encode(), NOW)
    if words is None:
        assert found == []
    else:
        assert any(words in line for line in found), found


@pytest.mark.parametrize("form", CLEAN)
def test_bytes_that_are_not_utf_8_are_found(form: str) -> None:
    for raw in (b"T\xe0n", b"T\xed\xa0\x80n"):
        found = faults(f"feed.{form}", CLEAN[form].encode().replace(b"Tin", raw, 1))
        assert len(found) == 1
        assert found[0].startswith("The document is not UTF-8: byte ")


@pytest.mark.parametrize("form", CLEAN)
def test_a_byte_order_mark_is_found(form: str) -> None:
    found = faults(f"feed.{form}", b"\xef\xbb\xbf" + CLEAN[form].encode())
    assert found == ["The document begins with a byte order mark."]


@pytest.mark.parametrize("form", CLEAN)
def test_a_document_may_be_five_million_bytes_long_and_no_longer(form: str) -> None:
    whole = CLEAN[form].encode().ljust(LARGEST)
    assert faults(f"feed.{form}", whole) == []
    found = faults(f"feed.{form}", whole + b" ")
    assert found == ["The document has 5000001 bytes, more than 5000000."]


@pytest.mark.parametrize("form", ["rss", "atom", "json"])
def test_dates_to_come_are_allowed_where_no_moment_is_given(form: str) -> None:
    later = CLEAN[form].replace("2023", "3023").replace("Tue, ", "Sun, ").replace("Mon, ", "Sat, ")
    assert not [line for line in faults(f"feed.{form}", later.encode()) if "future" in line]


def test_an_atom_entry_alone_is_grammatical_but_no_feed() -> None:
    alone = ATOM[ATOM.index("<entry>") : ATOM.index("</entry>") + 8]
    alone = alone.replace("<entry>", '<entry xmlns="http://www.w3.org/2005/Atom">')
    assert faults("entry.atom", alone.encode()) == ["The root element is no Atom feed."]


def test_json_that_is_no_object_is_found() -> None:
    assert faults("feed.json", b"[]") == ["The document is no JSON object."]


def test_a_document_without_rules_is_refused() -> None:
    with pytest.raises(ValueError, match=r"ends in none of \.rss, \.atom, \.json, \.opml"):
        faults("https://e.org/index.html", b"")
