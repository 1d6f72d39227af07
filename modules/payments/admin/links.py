"""Ways to other pages: a provider's own, a payment's, an order's."""

from typing import Any
from urllib.parse import quote, urlencode

from django.urls import reverse
from django.utils.html import format_html

from modules.payments.contracts import ProviderNotAvailable
from modules.payments.logic.providers import find_provider
from modules.payments.models import Payment


def dashboard(provider: str, reference: str) -> str | None:
    """The provider's own page about a reference; None where it has none, or is not configured here."""
    try:
        pattern = find_provider(provider).dashboard
    except ProviderNotAvailable:
        return None
    return pattern.format(reference=quote(reference, safe="")) if pattern and reference else None


def of_payment(payment_id: Any) -> str:
    """The page of a payment."""
    return reverse("admin:payments_payment_change", args=[payment_id])


def found(text: object) -> str:
    """The list of the payments that an id or a reference means."""
    return f"{reverse('admin:payments_payment_changelist')}?{urlencode({'q': text})}"


def of_act(name: str, payment: Payment) -> str:
    """The page of an act on a payment."""
    return reverse(f"admin:payments_payment_{name}", args=[payment.pk])


def anchor(href: str, text: str) -> str:
    """A link in a list's column."""
    return format_html('<a class="text-primary-600" href="{}">{}</a>', href, text)
