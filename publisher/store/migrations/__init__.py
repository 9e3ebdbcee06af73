"""Alembic's folder: `env.py` and one module for each revision."""
