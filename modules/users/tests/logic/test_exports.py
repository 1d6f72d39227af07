from datetime import timedelta
from functools import partial

import pytest
from django.conf import settings
from django.db import IntegrityError

from ecommerce.kernel import clock as kernel_clock
from ecommerce.kernel import parcels
from ecommerce.kernel.ids import new_id
from ecommerce.kernel.testing import at_once
from modules.users import tasks
from modules.users.contracts import ExportNotFound
from modules.users.logic import exports
from modules.users.models import Export, ExportPart
from modules.users.tests.factories import UserFactory

OTHERS = settings.EVENT_ROUTES["users.ExportRequested"]


def contribute(export, module, document=None, **parcel):
    exports.contribute_to_export(export_id=export.id, module=module, document=document or {"n": [module]}, **parcel)


def document_of(export):
    return exports.get_export(user_id=export.user_id, export_id=export.id).document


@pytest.fixture
def export(user):
    return exports.request_export(user_id=user.id)


def test_it_is_ready_with_the_last_part_and_not_before(export):
    *most, last = OTHERS
    for module in most:
        contribute(export, module)
    assert Export.objects.get().status == "pending"
    contribute(export, last)
    assert Export.objects.get().status == "ready"


def test_a_part_in_several_parcels_counts_when_the_last_one_is_there(export):
    first, *rest = OTHERS
    for module in rest:
        contribute(export, module)
    contribute(export, first, {"n": [1, 2]}, parcel=0, is_last=False)
    contribute(export, first, {"n": [3]}, parcel=1, is_last=False)
    assert Export.objects.get().status == "pending"
    contribute(export, first, {"n": [4]}, parcel=2)
    assert document_of(export)[first] == {"n": [1, 2, 3, 4]}


def test_a_part_given_twice_counts_once_and_the_first_stays(export):
    contribute(export, OTHERS[0], {"n": ["first"]})
    contribute(export, OTHERS[0], {"n": ["second"]})
    for module in OTHERS[1:]:
        contribute(export, module)
    ready_at = Export.objects.get().ready_at
    contribute(export, OTHERS[0], {"n": ["late"]}, parcel=1)
    assert document_of(export)[OTHERS[0]] == {"n": ["first"]}
    assert Export.objects.get().ready_at == ready_at
    assert ExportPart.objects.count() == len(OTHERS) + 1


@pytest.mark.parametrize("later", [["aa", "bb", "c"], ["a"], ["aaaaaa", "bbbbbb", "cccccc", "d"]])
def test_a_part_that_was_broken_off_and_is_packed_otherwise_the_next_time_is_whole(export, later):
    first, *rest = OTHERS
    for module in rest:
        contribute(export, module)
    for parcel in list(parcels.pack({"n": ["aaaaa", "bbbbb", "ccccc"]}, largest=8))[:2]:
        contribute(export, first, parcel.document, parcel=parcel.number, is_last=parcel.is_last)
    for parcel in parcels.pack({"n": later}, largest=8):
        contribute(export, first, parcel.document, parcel=parcel.number, is_last=parcel.is_last)
    assert document_of(export)[first] == {"n": later}


def test_a_parcel_without_the_one_before_is_not_kept(export):
    contribute(export, OTHERS[0], {"n": [3]}, parcel=2)
    assert ExportPart.objects.filter(module=OTHERS[0]).count() == 0


def test_what_nobody_waits_for_does_not_make_it_ready(export):
    for module in (*OTHERS[1:], "gift_cards"):
        contribute(export, module)
    assert Export.objects.get().status == "pending"


def test_a_part_of_an_unknown_an_expired_or_an_erased_export_is_refused(clock, export, user):
    with pytest.raises(ExportNotFound):
        exports.contribute_to_export(export_id=new_id(), module="orders", document={})
    clock.shift(timedelta(days=8))
    with pytest.raises(ExportNotFound):
        contribute(export, "orders")
    assert ExportPart.objects.count() == 1
    user.delete()
    assert (Export.objects.count(), ExportPart.objects.count()) == (0, 0)


def test_the_hourly_task_forgets_exports_a_week_old_ready_or_not(clock, user):
    ready, pending = exports.request_export(user_id=user.id), exports.request_export(user_id=UserFactory.create().id)
    for module in OTHERS:
        contribute(ready, module)
    clock.shift(timedelta(days=7, seconds=-1))
    tasks.forget_old_rows()
    assert set(Export.objects.values_list("id", flat=True)) == {ready.id, pending.id}
    clock.shift(1)
    tasks.forget_old_rows()
    assert (Export.objects.count(), ExportPart.objects.count()) == (0, 0)


@pytest.mark.django_db(transaction=True)
def test_of_requests_at_once_all_get_the_same_export():
    user = UserFactory.create()
    found = at_once(*[lambda: exports.request_export(user_id=user.id)] * 4)
    assert {export.id for export in found} == {Export.objects.get().id}


@pytest.mark.django_db(transaction=True)
def test_however_many_last_parts_come_at_once_it_becomes_ready():
    for _ in range(8):
        export = exports.request_export(user_id=UserFactory.create().id)
        results = at_once(*[partial(contribute, export, module) for module in OTHERS])
        assert results == [None] * len(OTHERS)
        assert Export.objects.get(id=export.id).status == "ready"
        assert ExportPart.objects.filter(export=export).count() == len(OTHERS) + 1


def test_the_database_keeps_one_pending_export_per_user(export, user):
    now = kernel_clock.now()
    with pytest.raises(IntegrityError, match="export_one_pending_per_user"):
        Export.objects.create(user=user, requested_at=now, expires_at=now + timedelta(days=1))
