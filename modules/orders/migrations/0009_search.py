"""Orders are found by names, by filters of every kind, and newest first by all that they are found by."""

from typing import Any

import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
import django.db.models.functions.text
from django.db import migrations, models

from modules.orders.logic.names import search_name

CHUNK = 2000
WRITE = """
    UPDATE orders_order SET search_name = found.words
    FROM unnest(%s::uuid[], %s::text[]) AS found (id, words) WHERE orders_order.id = found.id
"""
# Which states come together, so that the planner does not multiply their shares: nearly no delivered order is unpaid.
TOGETHER = """
    CREATE STATISTICS orders_order_states (mcv) ON status, payment_status, fulfilment_status FROM orders_order
"""


def fill(apps: Any, schema_editor: Any) -> None:
    """Write down the words of the orders there are, some thousand at a time."""
    orders = apps.get_model("orders", "Order").objects.using(schema_editor.connection.alias).order_by("id")
    addresses = orders.values_list("id", "shipping_address", "billing_address")
    page = list(addresses[:CHUNK])
    while page:
        words = [search_name(shipping, billing) for _, shipping, billing in page]
        with schema_editor.connection.cursor() as cursor:
            cursor.execute(WRITE, [[order_id for order_id, *_ in page], words])
        page = list(addresses.filter(id__gt=page[-1][0])[:CHUNK])


class Migration(migrations.Migration):

    dependencies = [
        ('orders', '0008_tax_periods'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='order',
            name='order_forgets_the_erased',
        ),
        migrations.RemoveIndex(
            model_name='order',
            name='order_email',
        ),
        migrations.RemoveIndex(
            model_name='orderline',
            name='order_line_sku',
        ),
        migrations.AddField(
            model_name='order',
            name='is_imported',
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name='order',
            name='search_name',
            field=models.TextField(blank=True, db_default=''),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.RunSQL(TOGETHER, "DROP STATISTICS orders_order_states"),
        migrations.AddIndex(
            model_name='order',
            index=models.Index(condition=models.Q(('status__in', ['opening', 'abandoned']), _negated=True), fields=['payment_status', '-placed_at', '-id'], name='order_by_payment'),
        ),
        migrations.AddIndex(
            model_name='order',
            index=models.Index(condition=models.Q(('status__in', ['opening', 'abandoned']), _negated=True), fields=['fulfilment_status', '-placed_at', '-id'], name='order_by_fulfilment'),
        ),
        migrations.AddIndex(
            model_name='order',
            index=models.Index(django.db.models.functions.text.Lower('email'), models.OrderBy(models.F('id'), descending=True), name='order_email_newest'),
        ),
        migrations.AddIndex(
            model_name='order',
            index=django.contrib.postgres.indexes.GinIndex(django.contrib.postgres.search.SearchVector('search_name', config='simple'), fastupdate=False, name='order_search_name'),
        ),
        migrations.AlterField(
            model_name='orderline',
            name='order',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='lines', to='orders.order'),
        ),
        migrations.AlterField(
            model_name='timelineentry',
            name='order',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='timeline', to='orders.order'),
        ),
        migrations.AddIndex(
            model_name='orderline',
            index=models.Index(fields=['sku', '-order'], name='order_line_sku_newest'),
        ),
        migrations.AddConstraint(
            model_name='order',
            constraint=models.CheckConstraint(condition=models.Q(('customer_erased_at', None), models.Q(('status__in', ['abandoned', 'cancelled', 'expired', 'delivered']), _negated=True), models.Q(('email', ''), ('fingerprint', ''), ('note', ''), ('search_name', ''), ('vat_id', '')), _connector='OR'), name='order_forgets_the_erased'),
        ),
        migrations.AddConstraint(
            model_name='order',
            constraint=models.CheckConstraint(condition=models.Q(('is_imported', False), ('payment_id', None), _connector='OR'), name='order_imported_has_no_payment'),
        ),
    ]
