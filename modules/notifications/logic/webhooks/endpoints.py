"""The addresses of other programs that are told of events, as staff keep them."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from ecommerce.kernel import clock
from ecommerce.kernel.db import atomic
from ecommerce.kernel.errors import NotFound, PreconditionFailed
from ecommerce.kernel.ids import new_id
from modules.notifications.logic import deliveries
from modules.notifications.logic.channels import public_network
from modules.notifications.logic.channels.public_network import UrlNotAllowed
from modules.notifications.logic.webhooks import events, health, secrets
from modules.notifications.logic.webhooks.turns import TEST
from modules.notifications.models import Delivery, Message, WebhookEndpoint

Reason = WebhookEndpoint.DisabledReason
Versions = frozenset[int] | None


class EndpointNotFound(NotFound):
    """There is no such webhook."""


def endpoints() -> QuerySet[WebhookEndpoint]:
    """All that are not removed."""
    return WebhookEndpoint.objects.filter(removed_at=None)


def get_endpoint(endpoint_id: UUID) -> WebhookEndpoint:
    """One of them; refuses with EndpointNotFound."""
    endpoint = endpoints().filter(pk=endpoint_id).first()
    if endpoint is None:
        raise EndpointNotFound
    return endpoint


def make_endpoint(*, url: str, events: list[str], description: str = "") -> tuple[WebhookEndpoint, str]:
    """An endpoint that is told of these events from now on, and the secret that it knows us by; shown this once.

    Refuses an address that is not https (or http in DEBUG) in the public network (UrlNotAllowed).
    """
    _require_allowed(url)
    endpoint_id, secret = new_id(), secrets.new_secret()
    endpoint = WebhookEndpoint.objects.create(
        id=endpoint_id,
        url=url,
        description=description,
        events=sorted(set(events)),
        secret=secrets.sealed(endpoint_id, secret),
        created_at=clock.now(),
    )
    return endpoint, secret


def change_endpoint(endpoint_id: UUID, changes: Mapping[str, Any], versions: Versions = None) -> WebhookEndpoint:
    """Change what is given; what changes nothing makes no new version, so repeating is safe.

    `enabled` tells it again, from now on, or no more. Another address gets what waits as well. Refuses with
    EndpointNotFound, PreconditionFailed and UrlNotAllowed.
    """
    if "url" in changes:
        _require_allowed(changes["url"])
    with atomic(WebhookEndpoint):
        endpoint = _locked(endpoint_id, versions)
        wanted = {name: changes[name] for name in ("url", "description") if name in changes}
        if "events" in changes:
            wanted["events"] = sorted(set(changes["events"]))
        _set(endpoint, wanted)
        if "enabled" in changes:
            _switch(endpoint, on=changes["enabled"])
    return endpoint


def remove_endpoint(endpoint_id: UUID, versions: Versions = None) -> None:
    """Tell it nothing any more, not even what waits; its log is kept as long as any. Refuses like change_endpoint."""
    with atomic(WebhookEndpoint):
        endpoint = _locked(endpoint_id, versions)
        WebhookEndpoint.objects.filter(pk=endpoint.pk).update(removed_at=clock.now())
        waiting = Message.objects.filter(endpoint=endpoint, status__in=[Message.Status.READY, Message.Status.PARKED])
        waiting.update(status=Message.Status.SKIPPED, next_attempt_at=None, handed_until=None)


def rotate_secret(endpoint_id: UUID) -> tuple[WebhookEndpoint, str]:
    """A new secret, shown this once; the one before is valid beside it for a day. Each call makes another."""
    secret = secrets.new_secret()
    with atomic(WebhookEndpoint):
        endpoint = _locked(endpoint_id, None)
        endpoint.previous_secret = endpoint.secret
        endpoint.previous_secret_until = clock.now() + secrets.BOTH_VALID
        endpoint.secret = secrets.sealed(endpoint.pk, secret)
        endpoint.version += 1
        endpoint.save()
    return endpoint, secret


def send_test(endpoint_id: UUID) -> Delivery:
    """Post a test event at once and tell what came of it, also to an endpoint that is disabled; tried only once."""
    endpoint, event_id, now = get_endpoint(endpoint_id), new_id(), clock.now()
    message = events.message_for(
        endpoint,
        topic=TEST,
        event_id=event_id,
        ordering_key=endpoint.pk,
        position=0,
        body=events.body_of(TEST, now, endpoint.pk, {"webhook_id": endpoint.pk}),
        retried_for=timedelta(),
    )
    message.save(force_insert=True)
    deliveries.deliver(message.pk)
    return Delivery.objects.select_related("message").get(message=message)


def _require_allowed(url: str) -> None:
    try:
        public_network.require_allowed(url)
    except UrlNotAllowed as error:
        field = {"field": "url", "code": error.code, "detail": error.detail}
        raise UrlNotAllowed(errors=[field]) from error


def _locked(endpoint_id: UUID, versions: Versions) -> WebhookEndpoint:
    endpoint = endpoints().select_for_update(no_key=True).filter(pk=endpoint_id).first()
    if endpoint is None:
        raise EndpointNotFound
    if versions is not None and endpoint.version not in versions:
        raise PreconditionFailed(version=endpoint.version)
    return endpoint


def _set(endpoint: WebhookEndpoint, wanted: Mapping[str, Any]) -> None:
    if all(getattr(endpoint, name) == value for name, value in wanted.items()):
        return
    for name, value in wanted.items():
        setattr(endpoint, name, value)
    endpoint.version += 1
    endpoint.save()
    if "url" in wanted:
        Message.objects.filter(endpoint=endpoint, status=Message.Status.READY).update(address=endpoint.url)


def _switch(endpoint: WebhookEndpoint, *, on: bool) -> None:
    if not on:
        health.disable(endpoint, Reason.STAFF)
    elif endpoint.disabled_reason:
        endpoint.disabled_reason, endpoint.disabled_at = "", None
        endpoint.failures, endpoint.failing_since, endpoint.paused_until = 0, None, None
        endpoint.version += 1
        endpoint.save()
