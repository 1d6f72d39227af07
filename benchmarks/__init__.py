"""Repeatable measurements of the shop as it runs in production: `make bench`, told in docs/benchmarks.md."""
