"""Articles and editions → bytes: feeds, pages, mail. The one place for feedgen, Jinja2 and css-inline."""
