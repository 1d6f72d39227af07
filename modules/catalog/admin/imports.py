"""Files of products in the admin: uploaded as a dry run first, looked at afterwards."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html_join
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldAdminFileFieldWidget

from ecommerce.kernel.admin_pages import ReadOnly, Uncounted, WrittenByLogic
from modules.catalog.logic import imports
from modules.catalog.logic.import_files import format_of
from modules.catalog.models import ImportJob

# Of an import's errors and changes; the API answers more.
SHOWN = 100


class ImportForm(forms.ModelForm):  # type: ignore[type-arg]  # generic in the stubs only
    """A file of products; whether it can be read at all is said at once."""

    file = forms.FileField(help_text="CSV or JSON lines, UTF-8, at most 10 MiB.", widget=UnfoldAdminFileFieldWidget())

    class Meta:
        model = ImportJob
        fields = ["dry_run", "delimiter"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if file := cleaned.get("file"):
            form = format_of(file.name)
            try:
                imports.check_file(file=file, format=form, delimiter=cleaned.get("delimiter") or ",")
            except imports.UnusableImport as unusable:
                self.add_error("file", [error["detail"] for error in unusable.details["errors"]])
        return cleaned


@admin.register(ImportJob)
class ImportAdmin(WrittenByLogic, ReadOnly, Uncounted, ModelAdmin):
    """Upload a file, first as a dry run; then look what came of it."""

    list_display = ("created_at", "file_name", "status", "dry_run", *imports.COUNTS, "error_count")
    list_filter = ("status", "dry_run")
    # By when they were made, which their ids tell.
    ordering = ("-id",)
    form = ImportForm
    shown = ("file_name", "status", "dry_run", *imports.COUNTS, "error_count", "created_at", "finished_at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[ImportJob]:
        # A list of fifty does not read thousands of lines of each.
        found: QuerySet[ImportJob] = super().get_queryset(request).defer("errors", "changes")
        return found

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.has_perm("catalog.add_importjob"))

    def get_fields(self, request: HttpRequest, obj: ImportJob | None = None) -> tuple[str, ...]:
        return (*self.shown, "problems", "differences") if obj else ("file", "dry_run", "delimiter")

    def get_readonly_fields(self, request: HttpRequest, obj: ImportJob | None = None) -> tuple[str, ...]:
        return (*self.shown, "problems", "differences") if obj else ()

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"dry_run": True}

    def save_model(self, request: HttpRequest, obj: ImportJob, form: Any, change: bool) -> None:  # noqa: FBT001  (Django's)
        file = form.cleaned_data["file"]
        job = imports.begin_import(
            file=file,
            file_name=file.name,
            delimiter=obj.delimiter,
            dry_run=obj.dry_run,
            created_by=UUID(str(request.user.pk)),
            is_uploaded=True,
        )
        obj.id, obj.file_name = job.id, job.file_name

    def response_add(self, request: HttpRequest, obj: ImportJob, post_url_continue: str | None = None) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:catalog_importjob_change", args=[obj.id]))

    @admin.display(description="errors")
    def problems(self, job: ImportJob) -> str:
        lines = ((error["line"], error["column"], error["detail"]) for error in job.errors[:SHOWN])
        return format_html_join("", "<div>line {} {} {}</div>", lines)

    @admin.display(description="what would change")
    def differences(self, job: ImportJob) -> str:
        lines = (
            (told["key"], change["sku"] or "", change["column"], change["old"], change["new"])
            for told in job.changes[:SHOWN]
            for change in told["changes"]
        )
        return format_html_join("", "<div>{} {} {}: {} → {}</div>", lines)
