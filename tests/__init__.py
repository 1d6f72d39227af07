"""What belongs to no single module."""
