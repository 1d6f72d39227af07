"""Bodies and answers of imports and exports."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema_serializer
from rest_framework import serializers

from ecommerce.kernel.rest.serializers import (
    AwareDateTimeField,
    BooleanField,
    CharField,
    ChoiceField,
    IntegerField,
    StrictSerializer,
    UUIDField,
)
from modules.catalog.logic.imports import COUNTS
from modules.catalog.models import ImportJob


class ImportOptions(StrictSerializer):
    dry_run = ChoiceField(["true", "false"], required=False, help_text="Change nothing, say what would change.")
    format = ChoiceField(ImportJob.Format.values, required=False, help_text="By the file's ending when left out.")
    delimiter = ChoiceField([",", ";", "\t", "|"], required=False, help_text="Of CSV; a comma.")


class ImportInput(ImportOptions):
    file = serializers.FileField(
        allow_empty_file=True, max_length=200, help_text="UTF-8; at most 10 MiB with the form."
    )


class ImportRows(StrictSerializer):
    read = IntegerField()
    created = IntegerField()
    updated = IntegerField()
    unchanged = IntegerField()
    failed = IntegerField(help_text="A product is taken with all of its rows or not at all.")


class ImportError(StrictSerializer):  # noqa: A001  (the component's name)
    line = IntegerField()
    column = CharField(help_text="Empty where it is the row itself; the path in a JSON line.")
    code = CharField()
    detail = CharField()


class ImportChange(StrictSerializer):
    sku = CharField(allow_null=True)
    column = CharField()
    old = serializers.JSONField()
    new = serializers.JSONField()


class ImportDifference(StrictSerializer):
    line = IntegerField()
    key = CharField()
    action = ChoiceField(["created", "updated"])
    changes = ImportChange(many=True)


class ImportListed(StrictSerializer):
    id = UUIDField()
    status = ChoiceField(ImportJob.Status.values)
    format = ChoiceField(ImportJob.Format.values)
    file_name = CharField()
    dry_run = BooleanField()
    rows = ImportRows()
    error_count = IntegerField()
    created_by = UUIDField(allow_null=True)
    created_at = AwareDateTimeField()
    started_at = AwareDateTimeField(allow_null=True)
    finished_at = AwareDateTimeField(allow_null=True)


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "Done, but for one row",
            {
                "id": "01936d6e-5a3c-7c3e-9a52-0e7b3b8f9d10",
                "status": "done",
                "format": "csv",
                "file_name": "spring.csv",
                "dry_run": False,
                "rows": {"read": 3, "created": 1, "updated": 1, "unchanged": 0, "failed": 1},
                "error_count": 1,
                "created_by": "01936d6e-5a3c-7c3e-9a52-0e7b3b8f9d11",
                "created_at": "2026-01-31T12:00:00Z",
                "started_at": "2026-01-31T12:00:01Z",
                "finished_at": "2026-01-31T12:00:02Z",
                "errors": [
                    {
                        "line": 4,
                        "column": "category",
                        "code": "unknown_category",
                        "detail": "There is no category 'hats'.",
                    }
                ],
                "changes": [],
            },
        )
    ]
)
class Import(ImportListed):
    errors = ImportError(many=True, help_text="The first 1,000.")  # type: ignore[assignment]  # DRF takes fields off the class
    changes = ImportDifference(many=True, help_text="Of a dry run: the first 200 products that would change.")


class ExportParameters(StrictSerializer):
    format = ChoiceField(ImportJob.Format.values, required=False, help_text="csv when left out.")
    category = CharField(max_length=120, required=False, help_text="A slug; what is below it belongs to it.")


def listed_answer(job: ImportJob) -> dict[str, Any]:
    """A job as the list has it."""
    counts = {name: getattr(job, name) for name in COUNTS}
    names = ("id", "status", "format", "file_name", "dry_run", "error_count", "created_by")
    instants = ("created_at", "started_at", "finished_at")
    return {
        **{name: getattr(job, name) for name in (*names, *instants)},
        "rows": {"read": sum(counts.values()), **counts},
    }


def import_answer(job: ImportJob) -> dict[str, Any]:
    """A job with its errors and, of a dry run, what would change."""
    return listed_answer(job) | {"errors": job.errors, "changes": job.changes}
