"""Copied into a checkout of its own, where the launcher finds it as the shop."""
