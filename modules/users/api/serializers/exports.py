"""Exports of everything that is held on the caller."""

from ecommerce.kernel.rest.serializers import AwareDateTimeField, ChoiceField, DictField, StrictSerializer, UUIDField
from modules.users import models


class ExportInput(StrictSerializer):
    """Nothing to say."""


class ExportJob(StrictSerializer):
    id = UUIDField()
    status = ChoiceField(choices=models.Export.Status.values)
    requested_at = AwareDateTimeField()
    expires_at = AwareDateTimeField(help_text="Then it is deleted")


class Export(ExportJob):
    ready_at = AwareDateTimeField(allow_null=True)
    document = DictField(
        allow_null=True, help_text="Null until it is ready; then an object with one key per module, and its data"
    )
