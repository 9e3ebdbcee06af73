"""A folder of articles becomes dated feeds, plain pages and e-mail digests grouped by keyword."""

__version__ = "0.1.0"
