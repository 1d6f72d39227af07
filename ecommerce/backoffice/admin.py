"""What was reconciled, in the admin: the runs, what each found, and drift by day."""

from collections.abc import Sequence
from functools import partial
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Count, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.safestring import mark_safe
from unfold.admin import ModelAdmin
from unfold.decorators import display

from ecommerce.backoffice import plots, reconcile_now
from ecommerce.backoffice.models import FoundDrift, ReconcileRun
from ecommerce.kernel.admin_pages import ReadOnly, Uncounted
from ecommerce.kernel.admin_words import elsewhere, moment, spaced
from modules.payments.contracts import PROVIDERS
from modules.users.contracts import Scope

COLOURS = {"clean": "success", "mended": "info", "left": "danger", "failed": "danger", "running": "warning"}
PAGE = 200


class ProviderFilter(admin.SimpleListFilter):
    title = parameter_name = "provider"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(name, name) for name in PROVIDERS]

    def queryset(self, request: HttpRequest, queryset: QuerySet[ReconcileRun]) -> QuerySet[ReconcileRun]:
        return queryset.filter(provider=self.value()) if self.value() in PROVIDERS else queryset


@admin.register(ReconcileRun)
class ReconcileRunAdmin(ReadOnly, Uncounted, ModelAdmin):
    list_display = (
        "started",
        "provider",
        "period",
        "outcome",
        "checked",
        "found",
        "mended",
        "left",
        "duration",
        "error",
    )
    list_filter = (ProviderFilter,)
    list_filter_sheet = True
    list_before_template = "admin/backoffice/drift.html"
    show_facets = admin.ShowFacets.NEVER
    sortable_by = ()
    ordering = ("-started_at", "-id")

    def get_urls(self) -> list[Any]:
        now = self.admin_site.admin_view(partial(reconcile_now.view, self))
        return [path("reconcile/", now, name="backoffice_reconcilerun_now"), *super().get_urls()]

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """It is about payments: who reads them reads this."""
        return bool(request.user.has_perm(Scope.PAYMENTS_READ))

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        context = {
            # Of our own making: a template's, with escaped values.
            "plots": [
                (provider, mark_safe(plots.plot(provider, days)))  # noqa: S308
                for provider, days in plots.drift_by_day().items()
            ],
            "days": plots.DAYS,
            "may_reconcile": reconcile_now.may_reconcile(request),
            "reconcile_now": reverse("admin:backoffice_reconcilerun_now"),
        }
        answer: HttpResponse = super().changelist_view(request, context | (extra_context or {}))
        return answer

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The page of a run, with what it found."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        run: ReconcileRun | None = self.get_object(request, object_id)
        if run is None:
            raise Http404
        context = self.admin_site.each_context(request) | {"opts": self.opts} | _context(run, request)
        return render(request, "admin/backoffice/run.html", context)

    @display(description="started (UTC)")
    def started(self, run: ReconcileRun) -> str:
        return moment(run.started_at)

    @display()
    def period(self, run: ReconcileRun) -> str:
        return _period(run)

    @display(label=COLOURS)
    def outcome(self, run: ReconcileRun) -> tuple[str, str]:
        return _outcome(run)

    @display()
    def mended(self, run: ReconcileRun) -> int:
        return run.fixed

    @display()
    def left(self, run: ReconcileRun) -> int:
        return run.found - run.fixed

    @display()
    def duration(self, run: ReconcileRun) -> str:
        return _duration(run)


def _context(run: ReconcileRun, request: HttpRequest) -> dict[str, Any]:
    counts = dict(run.drifts.order_by("kind").values_list("kind").annotate(count=Count("id")))
    kind, after = request.GET.get("kind", ""), _as_id(request.GET.get("after"))
    found = run.drifts.order_by("id")
    found = found.filter(kind=kind) if kind else found
    shown = list((found.filter(id__gt=after) if after else found)[: PAGE + 1])
    more = urlencode({"kind": kind, "after": shown[PAGE - 1].pk}) if len(shown) > PAGE else ""
    status, told = _outcome(run)
    return {
        "title": f"{run.provider}, {_period(run)}",
        "run": run,
        "outcome": (status, told, COLOURS[status]),
        "facts": _facts(run),
        "kinds": [("", sum(counts.values()), not kind), *((name, n, name == kind) for name, n in counts.items())],
        "drifts": _as_table(shown[:PAGE], request.user),
        "more": f"?{more}" if more else "",
        "kept": sum(counts.values()),
    }


def _facts(run: ReconcileRun) -> list[tuple[str, Any]]:
    facts = [
        ("Started", f"{moment(run.started_at)} UTC"),
        ("Took", _duration(run)),
        ("Checked", run.checked),
        ("Found", run.found),
        ("Mended", run.fixed if run.fixes else f"{run.fixed} (nothing was to be mended)"),
        ("Left", run.found - run.fixed),
    ]
    return [*facts, ("Ended early", run.error)] if run.error else facts


def _as_table(drifts: Sequence[FoundDrift], user: Any) -> dict[str, Any]:
    headers = ["Kind", "Reference", "Here", "There", "Payment", "Order", "What became of it"]
    return {"headers": headers, "rows": [_row(one, user) for one in drifts]}


def _row(drift: FoundDrift, user: Any) -> list[Any]:
    fate = "mended" if drift.is_fixed else "left, safe to mend" if drift.is_safe else "left"
    payment = _link(user, Scope.PAYMENTS_READ, "payments_payment_change", drift.payment_id, "the payment")
    order = _link(user, Scope.ORDERS_READ, "orders_order_change", drift.order_id, "the order")
    return [spaced(drift.kind), drift.reference, drift.here, drift.there, payment, order, fate]


def _link(user: Any, scope: str, name: str, about: UUID | None, text: str) -> Any:
    if about is None:
        return "-"
    href = elsewhere(user, scope, name, about)
    return format_html('<a class="text-primary-600" href="{}">{}</a>', href, text) if href else str(about)


def _period(run: ReconcileRun) -> str:
    return f"{moment(run.since)} to {moment(run.until)}"


def _outcome(run: ReconcileRun) -> tuple[str, str]:
    if run.error:
        return "failed", "ended early"
    if run.finished_at is None:
        # Or it died, and nobody could write that down.
        return "running", "not ended"
    if run.found > run.fixed:
        return "left", "drift left"
    return ("mended", "all mended") if run.found else ("clean", "no drift")


def _duration(run: ReconcileRun) -> str:
    if run.finished_at is None:
        return "-"
    seconds = (run.finished_at - run.started_at).total_seconds()
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{seconds:.1f} s"


def _as_id(text: str | None) -> UUID | None:
    try:
        return UUID(text or "")
    except ValueError:
        return None
