"""Work that is shared out over machines: a run puts it up as jobs in PostgreSQL, and `publish worker` takes them.

::

    publish, publish serve ── plans, records ──▶ jobs ──▶ publish worker, on as many machines as there are
           ▲                                      │
           └────── what became of shards ◀── board┘         read · render · deliver · ping · bounces

One code path, two ways to run it: the functions that do the work are those of `publisher.gathering`,
`publisher.shards`, `publisher.posting`, `publisher.websub` and `publisher.returns`. `engine` is the only door to
Procrastinate, which keeps the jobs; `board` holds the shards that are handed out and what became of them. Whatever
is lost of both is done again: what counts stands in the site's own tables, which a job only acts on.
"""
