"""A shop that is quick to start."""
