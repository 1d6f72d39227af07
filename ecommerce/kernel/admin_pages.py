"""What the admin's pages have in common, in every module."""

from typing import Any

from django.http import HttpRequest


class ReadOnly:
    """A page to look at: nothing is added, changed or deleted by hand, and no page counts a whole table."""

    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
