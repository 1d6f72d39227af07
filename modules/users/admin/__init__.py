"""Staff's pages of users: people, what they may do, and how staff sign in. Writing is logic's."""

from modules.users.admin import login, own_password, people, rights

__all__ = ["login", "own_password", "people", "rights"]
