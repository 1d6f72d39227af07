"""What the admin's pages have in common, in every module."""

from collections.abc import Callable
from typing import Any, cast

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from unfold.paginator import InfinitePaginator
from unfold.widgets import UnfoldAdminTextareaWidget

from ecommerce.kernel.errors import ServiceError


class LinesField(forms.CharField):
    """Several lines, whatever the browser ends them with; what `read` makes of them is the value."""

    def __init__(self, read: Callable[[str], Any], *, rows: int, help_text: str, label: str | None = None) -> None:
        widget = UnfoldAdminTextareaWidget(attrs={"rows": rows, "style": "min-width: 12rem"})
        super().__init__(required=False, widget=widget, help_text=help_text, label=label)
        self.read = read

    def to_python(self, value: Any) -> str:
        return (super().to_python(value) or "").replace("\r\n", "\n")

    def clean(self, value: Any) -> Any:
        return self.read(super().clean(value))


class Uncounted:
    """Long lists are not counted for each page."""

    show_full_result_count = False
    paginator = InfinitePaginator
    list_per_page = 50


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
    """What is saved here is saved by logic, each act in a transaction of its own; a refusal ends it and is shown on the
    form, as that was filled in."""

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        def view() -> HttpResponse:
            # Django's own wraps the whole request into one transaction; this one does not.
            answer: HttpResponse = cast(Any, self)._changeform_view(request, object_id, form_url, extra_context)
            return answer

        try:
            return view()
        except ServiceError as refusal:
            cast(Any, request).refusal = refusal
            return view()

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:  # noqa: FBT001, FBT002  (Django's)
        """Once logic has refused what was sent: a form that says so, and is not valid."""
        form = cast(Any, super()).get_form(request, obj, change=change, **kwargs)
        refusal: ServiceError | None = getattr(request, "refusal", None)
        return form if refusal is None else _refused(form, refusal)

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        return shown(request, lambda: cast(Any, self)._delete_view(request, object_id, extra_context))

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Without Django's own, which deletes rows past logic."""
        actions: dict[str, Any] = cast(Any, super()).get_actions(request)
        actions.pop("delete_selected", None)
        return actions


def _refused(form: Any, refusal: ServiceError) -> Any:
    class Refused(form):  # type: ignore[misc]  # a class that is made here
        def clean(self) -> Any:
            cleaned = super().clean()
            for path, detail in _complaints(refusal):
                field, _, within = path.removesuffix("_id").partition(".")
                if field in self.fields:
                    self.add_error(field, f"{within}: {detail}" if within else detail)
                else:
                    self.add_error(None, f"{path}: {detail}" if path else detail)
            return cleaned

    return Refused


def _complaints(refusal: ServiceError) -> list[tuple[str, str]]:
    """Which field will not do, and why."""
    errors = refusal.details.get("errors") or [{"field": "", "detail": refusal.detail}]
    return [(error["field"], error["detail"]) for error in errors]


def shown(request: HttpRequest, view: Callable[[], HttpResponse]) -> HttpResponse:
    """The view's answer, or the same page with the refusal on it."""
    try:
        return view()
    except ServiceError as refusal:
        messages.error(request, refusal.detail)
        return HttpResponseRedirect(request.get_full_path())
