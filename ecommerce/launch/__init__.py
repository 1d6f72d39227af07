"""What `make` starts: PostgreSQL, Redis and the shop's processes on one machine, for development, tests, demo."""
