"""Forms of what staff do in the admin: one rendering of a form is one act."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid5

from django import forms
from django.http import HttpRequest, QueryDict
from unfold.widgets import UnfoldAdminTextareaWidget

from ecommerce.kernel.ids import new_id

# What is sent with a form and is no part of what it asks for.
BESIDE = frozenset({"csrfmiddlewaretoken", "confirm", "change"})


@dataclass(frozen=True, kw_only=True)
class Confirmation:
    """What is asked once more before it is done."""

    sentences: Sequence[str]
    button: str


class ActForm(forms.Form):
    """One rendering of a form is one act: sent twice, it does nothing twice."""

    form_id = forms.UUIDField(widget=forms.HiddenInput(), initial=new_id)

    def claim_id(self, about: object) -> UUID:
        """What logic knows the act by: this form, filled in like this, about that thing."""
        assert isinstance(self.data, QueryDict)  # noqa: S101  (a form that was sent)
        sent = sorted((name, *values) for name, values in self.data.lists() if name not in BESIDE)
        return uuid5(self.cleaned_data["form_id"], f"{about} {sent}")


def reason_field(*, required: bool, max_length: int) -> forms.CharField:
    """Why something is done."""
    return forms.CharField(
        max_length=max_length, required=required, widget=UnfoldAdminTextareaWidget(attrs={"rows": 2})
    )


def sent(request: HttpRequest) -> list[tuple[str, Any]]:
    """What a form was filled in with, to be sent again with its confirmation."""
    return [(name, value) for name, values in request.POST.lists() if name not in BESIDE for value in values]
