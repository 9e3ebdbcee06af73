"""Pelican for the same articles: pages, keyword pages, and feeds in RSS and Atom; it knows no JSON Feed."""

SITENAME = "Bản tin đo"
SITEURL = "https://news.example.org"
FEED_DOMAIN = SITEURL
PATH = "content"
ARTICLE_PATHS = ["articles"]
OUTPUT_PATH = "public"
THEME = "theme"
TIMEZONE = "Asia/Ho_Chi_Minh"
DEFAULT_LANG = "vi"
DEFAULT_PAGINATION = 50
DIRECT_TEMPLATES = ["index", "tags"]
TAGS_SAVE_AS = "keywords/index.html"
PAGINATED_TEMPLATES = {"index": None}
ARTICLE_URL = "articles/{date:%Y}/{date:%m}/{date:%d}/{slug}/"
ARTICLE_SAVE_AS = ARTICLE_URL + "index.html"
TAG_URL = "keywords/{slug}/"
TAG_SAVE_AS = TAG_URL + "index.html"
CATEGORY_SAVE_AS = AUTHOR_SAVE_AS = ARCHIVES_SAVE_AS = AUTHORS_SAVE_AS = CATEGORIES_SAVE_AS = ""
FEED_ALL_ATOM, FEED_ALL_RSS = "feed.atom", "feed.rss"
TAG_FEED_ATOM, TAG_FEED_RSS = "keywords/{slug}/feed.atom", "keywords/{slug}/feed.rss"
CATEGORY_FEED_ATOM = CATEGORY_FEED_RSS = AUTHOR_FEED_ATOM = AUTHOR_FEED_RSS = TRANSLATION_FEED_ATOM = None
FEED_MAX_ITEMS = 50
RSS_FEED_SUMMARY_ONLY = False
LOAD_CONTENT_CACHE = False
CACHE_CONTENT = False
SUMMARY_MAX_LENGTH = 40
