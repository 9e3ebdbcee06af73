"""The nouns. Every module speaks in these; none of them knows a file, a table or a template.

Times are aware datetimes in whole seconds. Paths of output are relative, with ``/``, and a page is
named by its folder with a final ``/`` (``articles/2023/05/30/slug/``).
"""

from __future__ import annotations

from publisher.model.articles import (
    Article,
    Block,
    BlockKind,
    Draft,
    Fault,
    Filing,
    Keyword,
    KeywordCount,
    KeywordSource,
    Listing,
    Picture,
    SeedFile,
    SeedRecord,
    Subject,
)
from publisher.model.mail import Delivery, DeliveryState, Edition, PlannedEdition, Section
from publisher.model.output import (
    ANNOUNCED_KINDS,
    FEED_KINDS,
    Chain,
    Document,
    DocumentKind,
    DocumentRecord,
    Feed,
    Ping,
)
from publisher.model.runs import ArticleChange, FeedChange, Known, Plan, RunFigures

__all__ = [
    "ANNOUNCED_KINDS",
    "FEED_KINDS",
    "Article",
    "ArticleChange",
    "Block",
    "BlockKind",
    "Chain",
    "Delivery",
    "DeliveryState",
    "Document",
    "DocumentKind",
    "DocumentRecord",
    "Draft",
    "Edition",
    "Fault",
    "Feed",
    "FeedChange",
    "Filing",
    "Keyword",
    "KeywordCount",
    "KeywordSource",
    "Known",
    "Listing",
    "Picture",
    "Ping",
    "Plan",
    "PlannedEdition",
    "RunFigures",
    "Section",
    "SeedFile",
    "SeedRecord",
    "Subject",
]
