"""The console: the owner's pages under ``/console/``."""
