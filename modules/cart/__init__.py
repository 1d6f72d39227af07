"""Carts in Redis, promotions in PostgreSQL."""
