"""Measurements of the program as its owner runs it; `python -m benchmarks.run` writes RESULTS.md."""
