"""What letters say, in the admin: all letters in all languages, one text to be changed, and how it will look."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from ecommerce.kernel.admin_pages import WrittenByLogic
from modules.notifications.admin import letter_previews
from modules.notifications.logic import letter_texts, wording
from modules.notifications.models import LetterText

CHANGELIST = "admin:notifications_lettertext_changelist"


class LetterTextForm(forms.ModelForm):  # type: ignore[type-arg]  # generic in the stubs only
    """A text; the version that staff have seen comes along, so that nobody's change is undone unseen."""

    topic = forms.CharField(widget=forms.HiddenInput())
    language = forms.CharField(widget=forms.HiddenInput())
    # 0: the shop's own words were seen.
    seen_version = forms.IntegerField(required=False, widget=forms.HiddenInput())

    class Meta:
        model = LetterText
        fields: ClassVar[list[str]] = list(wording.CHANGEABLE)
        labels: ClassVar[dict[str, str]] = {"preheader": "Beside the subject", "closing": "Closing, after the button"}
        help_texts: ClassVar[dict[str, str]] = {
            "preheader": "What a mailbox shows of the mail before it is opened.",
            "introduction": "A blank line begins a new paragraph.",
        }
        widgets: ClassVar[dict[str, Any]] = {
            "subject": UnfoldAdminTextInputWidget(),
            "preheader": UnfoldAdminTextInputWidget(),
            "heading": UnfoldAdminTextInputWidget(),
            "introduction": UnfoldAdminTextareaWidget(attrs={"rows": 8}),
            "closing": UnfoldAdminTextareaWidget(attrs={"rows": 4}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance._state.adding and "topic" in self.fields:
            seen = {"topic": self.instance.topic, "language": self.instance.language}
            self.initial.update(seen, seen_version=self.instance.version)


@admin.register(LetterText)
class LetterTextAdmin(WrittenByLogic, ModelAdmin):
    form = LetterTextForm
    list_display = ("topic", "language", "subject", "changed_at")
    list_filter = ("topic", "language")
    ordering = ("topic", "language")
    show_full_result_count = False
    list_before_template = "admin/notifications/letters.html"
    change_form_before_template = "admin/notifications/letter_gaps.html"
    change_form_after_template = "admin/notifications/letter_preview_button.html"
    fieldsets = ((None, {"fields": (*wording.CHANGEABLE, "topic", "language", "seen_version")}),)

    def get_urls(self) -> list[Any]:
        def preview(request: HttpRequest) -> HttpResponse:
            return letter_previews.view(self, request)

        own = path("preview/", self.admin_site.admin_view(preview), name="notifications_letter_preview")
        return [own, *super().get_urls()]

    def get_fieldsets(self, request: HttpRequest, obj: LetterText | None = None) -> Any:
        if obj is None or self.has_change_permission(request, obj):
            return self.fieldsets
        return ((None, {"fields": wording.CHANGEABLE}),)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        context = (extra_context or {}) | {"letters": _letters(), "languages": wording.TRANSLATED}
        page: HttpResponse = super().changelist_view(request, context)
        return page

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """Of one letter in one language, which the list leads to."""
        chosen = request.GET.get("topic"), request.GET.get("language")
        if not _is_known(*chosen):
            return HttpResponseRedirect(reverse(CHANGELIST))
        page: HttpResponse = super().add_view(request, form_url, (extra_context or {}) | _told(*chosen))
        return page

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        text = self.get_object(request, object_id)
        told = _told(text.topic, text.language) if text else {}
        page: HttpResponse = super().change_view(request, object_id, form_url, (extra_context or {}) | told)
        return page

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """To begin with, what the letter says now."""
        topic, language = request.GET["topic"], request.GET["language"]
        words = wording.ours(topic, language)
        ours = {name: getattr(words, name) for name in wording.CHANGEABLE}
        return ours | {"topic": topic, "language": language, "seen_version": 0}

    def save_model(self, request: HttpRequest, obj: LetterText, form: Any, change: bool) -> None:  # noqa: FBT001  (Django's)
        given = form.cleaned_data
        if not change:
            obj.topic, obj.language = given["topic"], given["language"]
        texts = {name: given[name] for name in wording.CHANGEABLE}
        written = letter_texts.write(
            topic=obj.topic, language=obj.language, texts=texts, version=given["seen_version"] or 0
        )
        obj.id = written.id

    def delete_model(self, request: HttpRequest, obj: LetterText) -> None:
        letter_texts.take_back(topic=obj.topic, language=obj.language)


def _letters() -> list[tuple[str, list[tuple[str, str, bool]]]]:
    """Every letter with the pages of its texts: language, address, whether staff have changed it."""
    changed = {(text.topic, text.language): text.pk for text in LetterText.objects.only("topic", "language")}
    return [
        (topic, [_page(topic, language, changed.get((topic, language))) for language in wording.TRANSLATED])
        for topic in sorted(map(str, wording.GAPS))
    ]


def _page(topic: str, language: str, changed: Any) -> tuple[str, str, bool]:
    if changed is not None:
        return language, reverse("admin:notifications_lettertext_change", args=[changed]), True
    new = reverse("admin:notifications_lettertext_add", query={"topic": topic, "language": language})
    return language, new, False


def _is_known(topic: str | None, language: str | None) -> bool:
    return topic in wording.GAPS and language in wording.TRANSLATED


def _told(topic: Any, language: Any) -> dict[str, Any]:
    gaps = [f"{{{name}}}" for name in wording.GAPS[topic]]
    return {"letter_topic": topic, "letter_language": language, "letter_gaps": gaps}
