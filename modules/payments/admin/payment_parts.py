"""The attempts, refunds, disputes and decisions of a payment as its page shows them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ecommerce.kernel.admin_words import Link, moment, money, spaced
from modules.payments.admin import links, words
from modules.payments.models import Attempt, Dispute, Instruction, Observation, Payment, Refund


@dataclass(frozen=True, kw_only=True)
class Part:
    """Something of a payment: where it stands, what is told of it, what of that presses, the provider's page."""

    status: str
    told: Sequence[str]
    deadline: tuple[str, str] | None = None
    provider: Link | None = None

    @property
    def title(self) -> str:
        return spaced(self.status)

    @property
    def colour(self) -> str:
        return words.COLOURS.get(self.status, "")

    @property
    def deadline_colour(self) -> str:
        return words.COLOURS[self.deadline[0]] if self.deadline else ""


def attempt(one: Attempt) -> Part:
    """A try to collect it."""
    begun = f"{one.number}. {one.method or 'no method'}, {moment(one.created_at)} UTC"
    repeated = ["The provider was asked for it twice."] if one.was_repeated else []
    page = links.dashboard(one.provider, one.provider_reference)
    reference = f"{one.provider} {one.provider_reference or '(has not answered)'}"
    return Part(
        status=one.status,
        told=[begun, *([] if page else [reference]), *repeated],
        provider=Link(title=reference, href=page) if page else None,
    )


def refund(one: Refund, payment: Payment) -> Part:
    """Money that went back, or is to."""
    asker = "asked for here" if one.reference else "made at the provider"
    parts = [("goods", one.sales_minor), ("tax", one.tax_minor), ("shipping", one.shipping_minor)]
    split = ", ".join(f"{name} {money(minor, payment.currency)}" for name, minor in parts if minor)
    told = [
        f"{money(one.amount_minor, payment.currency)}, {moment(one.created_at)} UTC, {asker}",
        split,
        one.reason,
        one.provider_reference,
    ]
    return Part(status=one.status, told=[text for text in told if text])


def dispute(one: Dispute, payment: Payment) -> Part:
    """A dispute; evidence is given on the provider's pages."""
    held = one.withdrawn_minor - one.reinstated_minor
    told = [
        f"{money(one.amount_minor, payment.currency)}, opened {moment(one.opened_at)} UTC",
        f"{money(held, payment.currency)} held by the bank",
        spaced(one.reason),
        one.provider_reference,
    ]
    deadline = words.deadline(one) if one.evidence_due_at else None
    return Part(status=one.status, told=[text for text in told if text], deadline=deadline)


def instruction(one: Instruction, payment: Payment) -> Part:
    """What was decided on for an authorisation."""
    amount = f" {money(one.amount_minor, payment.currency)}" if one.amount_minor else ""
    return Part(status=one.status, told=[f"{one.kind}{amount}, {moment(one.created_at)} UTC"])


def observation(one: Observation, number: int, payment: Payment) -> list[Any]:
    """What a provider said, in a row: totals, no words of the buyer's."""
    said = one.said
    amounts = [("authorised", "authorized_minor"), ("captured", "captured_minor")]
    told = [f"{name} {money(said[field], payment.currency)}" for name, field in amounts if said.get(field)]
    counts = [(len(said.get(name) or []), name) for name in ("refunds", "disputes")]
    told += [f"{count} {name if count > 1 else name[:-1]}" for count, name in counts if count]
    failure = (said.get("failure") or {}).get("code")
    told += [f"declined: {failure}"] if failure else []
    return [moment(one.observed_at), number, spaced(said.get("status", "")), ", ".join(told) or "-"]
