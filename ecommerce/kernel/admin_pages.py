"""What the admin's pages have in common, in every module."""

from collections.abc import Callable
from typing import Any, cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from ecommerce.kernel.errors import ServiceError


class ReadOnly:
    """A page to look at: nothing is added, changed or deleted by hand, and no page counts a whole table."""

    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class WrittenByLogic:
    """What is saved here is saved by logic, each act in a transaction of its own; a refusal ends it and is shown."""

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        # Django's own wraps the whole request into one transaction; this one does not.
        return shown(request, lambda: cast(Any, self)._changeform_view(request, object_id, form_url, extra_context))

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        return shown(request, lambda: cast(Any, self)._delete_view(request, object_id, extra_context))

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Without Django's own, which deletes rows past logic."""
        actions: dict[str, Any] = cast(Any, super()).get_actions(request)
        actions.pop("delete_selected", None)
        return actions


def shown(request: HttpRequest, view: Callable[[], HttpResponse]) -> HttpResponse:
    """The view's answer, or the same page with the refusal on it."""
    try:
        return view()
    except ServiceError as refusal:
        messages.error(request, refusal.detail)
        return HttpResponseRedirect(request.get_full_path())
