"""Checkout, orders and everything that happens to them."""
