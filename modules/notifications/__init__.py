"""Messages to people, made from events."""
