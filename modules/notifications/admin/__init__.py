"""Staff's pages of notifications: messages to be read and sent again, and what letters say. Writing is logic's."""

from modules.notifications.admin import letter_texts, messages

__all__ = ["letter_texts", "messages"]
