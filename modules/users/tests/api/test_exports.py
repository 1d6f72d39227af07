from datetime import timedelta
from uuid import UUID

import pytest
from django.conf import settings

from ecommerce.kernel.ids import new_id
from ecommerce.kernel.models import OutboxEvent
from modules.users.contracts import ExportNotFound
from modules.users.logic import accounts, exports
from modules.users.models import Export, ExportPart
from modules.users.tests.conftest import NOON
from modules.users.tests.factories import PASSWORD, UserFactory

URL = "/api/v1/users/me/exports/"
OTHERS = settings.EVENT_ROUTES["users.ExportRequested"]


def contribute(export_id, *modules):
    for module in modules:
        exports.contribute_to_export(export_id=export_id, module=module, document={"things": [module]})


def test_an_export_is_pending_until_every_module_has_given_its_part(clock, signed_in, user):
    asked = signed_in.post(URL)

    assert asked.status_code == 202
    export = Export.objects.get()
    job = {
        "id": str(export.id),
        "status": "pending",
        "requested_at": "2026-11-23T12:00:00Z",
        "expires_at": "2026-11-30T12:00:00Z",
    }
    assert asked.json() == job
    assert asked["Location"].endswith(f"{URL}{export.id}/")
    assert signed_in.get(asked["Location"]).json() == job | {"ready_at": None, "document": None}

    contribute(export.id, *OTHERS)
    clock.shift(60)
    session = user.sessions.get()
    assert signed_in.get(asked["Location"]).json() == job | {
        "status": "ready",
        "ready_at": "2026-11-23T12:00:00Z",
        "document": {
            "users": {
                "account": {
                    "id": str(user.id),
                    "email": user.email,
                    "email_verified": False,
                    "first_name": "Ada",
                    "last_name": "Lovelace",
                    "phone": "",
                    "accepts_marketing": False,
                    "language": "en",
                    "is_staff": False,
                    "created_at": "2026-11-23T12:00:00Z",
                },
                "addresses": [],
                "api_keys": [],
                "identities": [],
                "impersonations": [],
                "roles": [],
                "second_factor": {"enabled_at": None, "app_added_at": None, "recovery_codes_used_at": []},
                "sessions": [
                    {
                        "id": str(session.id),
                        "network": session.network,
                        "user_agent": "",
                        "created_at": "2026-11-23T12:00:00Z",
                        "refreshed_at": "2026-11-23T12:00:00Z",
                        "expires_at": "2026-12-07T12:00:00Z",
                        "revoked_at": None,
                    }
                ],
            }
        }
        | {module: {"things": [module]} for module in OTHERS},
    }


def test_asking_is_announced_to_every_module(signed_in, user):
    export_id = signed_in.post(URL).json()["id"]
    event = OutboxEvent.objects.get()
    assert (event.name, str(event.aggregate_id)) == ("users.ExportRequested", export_id)
    assert event.payload == {"export_id": export_id, "user_id": str(user.id)}
    assert sorted(event.deliveries.values_list("listener", flat=True)) == sorted(OTHERS)
    assert set(OTHERS) == {"cart", "catalog", "notifications", "orders", "payments"}


def test_asking_again_while_it_is_gathered_answers_the_same_export(signed_in):
    first, second = signed_in.post(URL), signed_in.post(URL, {})
    assert (second.status_code, second.json()) == (202, first.json())
    assert (Export.objects.count(), OutboxEvent.objects.count()) == (1, 1)


def test_a_second_export_of_a_day_is_refused_and_names_the_first(clock, signed_in, user, sign_in):
    export_id = signed_in.post(URL).json()["id"]
    contribute(export_id, *OTHERS)
    clock.shift(timedelta(minutes=5))

    refused = signed_in.post(URL)

    assert (refused.status_code, refused.json()["code"]) == (429, "export_too_soon")
    assert (refused.json()["export_id"], refused["Retry-After"]) == (export_id, str(86400 - 300 + 1))
    assert Export.objects.count() == 1

    clock.shift(timedelta(days=1))
    signed_in.credentials(HTTP_AUTHORIZATION=f"Bearer {sign_in(user).access}")
    asked = signed_in.post(URL)
    assert asked.status_code == 202
    assert asked.json()["id"] != export_id
    # The first one is there for its week.
    assert signed_in.get(f"{URL}{export_id}/").json()["status"] == "ready"


def test_an_export_is_nobody_elses(signed_in, client, sign_in):
    export_id = signed_in.post(URL).json()["id"]
    contribute(export_id, *OTHERS)
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {sign_in(UserFactory.create()).access}")

    answer = client.get(f"{URL}{export_id}/")

    assert (answer.status_code, answer.json()["code"]) == (404, "export_not_found")
    unknown = client.get(f"{URL}{new_id()}/")
    assert (unknown.status_code, unknown.json()["detail"]) == (404, answer.json()["detail"])


def test_an_expired_export_is_gone_and_another_may_be_asked_for(clock, signed_in, user, sign_in):
    export_id = signed_in.post(URL).json()["id"]
    clock.shift(timedelta(days=7))
    signed_in.credentials(HTTP_AUTHORIZATION=f"Bearer {sign_in(user).access}")

    assert signed_in.get(f"{URL}{export_id}/").status_code == 404
    assert signed_in.post(URL).json()["id"] != export_id
    assert Export.objects.get().requested_at == NOON + timedelta(days=7)


@pytest.mark.parametrize("method", ["get", "post"])
def test_nobody_has_nothing_to_export(client, db, method):
    answer = client.post(URL) if method == "post" else client.get(f"{URL}{new_id()}/")
    assert answer.status_code == 401
    assert Export.objects.count() == 0


def test_a_locked_user_is_given_nothing(signed_in, user):
    export_id = signed_in.post(URL).json()["id"]
    accounts.lock(user_ids=[user.id])
    assert signed_in.get(f"{URL}{export_id}/").status_code == 401
    assert (signed_in.post(URL).status_code, Export.objects.count()) == (401, 1)
    with pytest.raises(ExportNotFound):
        exports.get_export(user_id=user.id, export_id=UUID(export_id))


def test_an_unknown_field_is_refused_and_nothing_is_begun(signed_in):
    answer = signed_in.post(URL, {"format": "csv"})
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "unknown_field")
    assert Export.objects.count() == 0


def test_no_password_is_in_it_and_what_is_kept_is_encrypted(signed_in, user):
    export_id = signed_in.post(URL).json()["id"]
    contribute(export_id, *OTHERS)
    body = signed_in.get(f"{URL}{export_id}/").content.decode()
    assert (user.password in body, "argon2" in body, PASSWORD in body) == (False, False, False)
    kept = b"".join(bytes(part.document) for part in ExportPart.objects.all())
    assert (user.email.encode() in kept, b"Lovelace" in kept, b"things" in kept) == (False, False, False)


def test_reading_an_export_costs_two_statements(signed_in, django_assert_num_queries):
    export_id = signed_in.post(URL).json()["id"]
    contribute(export_id, *OTHERS)
    with django_assert_num_queries(2):
        signed_in.get(f"{URL}{export_id}/")
