"""Invoices and credit notes: what was issued stays as it is, and no number is left out, whoever writes."""

import django.db.models.deletion
import ecommerce.kernel.ids
from django.db import migrations, models

GUARD = """
CREATE FUNCTION orders_documents_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a document that was issued is neither changed nor deleted' USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER orders_document_stays BEFORE UPDATE OR DELETE ON orders_document
FOR EACH ROW EXECUTE FUNCTION orders_documents_stay();

CREATE FUNCTION orders_numbers_follow() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' AND NEW.last = 1 THEN
        RETURN NEW;
    END IF;
    IF TG_OP = 'UPDATE' AND NEW.series = OLD.series AND NEW.last = OLD.last + 1 THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a series counts from 1, one by one' USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER orders_documentcounter_follows BEFORE INSERT OR UPDATE OR DELETE ON orders_documentcounter
FOR EACH ROW EXECUTE FUNCTION orders_numbers_follow();
"""

NO_GUARD = """
DROP TRIGGER orders_documentcounter_follows ON orders_documentcounter;
DROP FUNCTION orders_numbers_follow();
DROP TRIGGER orders_document_stays ON orders_document;
DROP FUNCTION orders_documents_stay();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('orders', '0009_search'),
    ]

    operations = [
        migrations.CreateModel(
            name='DocumentCounter',
            fields=[
                ('series', models.CharField(max_length=20, primary_key=True, serialize=False)),
                ('last', models.PositiveIntegerField()),
                ('issued_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='Document',
            fields=[
                ('id', models.UUIDField(default=ecommerce.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('invoice', 'Invoice'), ('credit_note', 'Credit Note')], max_length=12)),
                ('series', models.CharField(max_length=20)),
                ('position', models.PositiveIntegerField()),
                ('number', models.CharField(max_length=30, unique=True)),
                ('issued_at', models.DateTimeField()),
                ('language', models.CharField(max_length=10)),
                ('currency', models.CharField(max_length=3)),
                ('tax_minor', models.BigIntegerField()),
                ('total_minor', models.BigIntegerField()),
                ('snapshot', models.JSONField()),
                ('corrects', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='credit_notes', to='orders.document')),
                ('order', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='documents', to='orders.order')),
                ('refund', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='credit_note', to='orders.refund')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('series', 'position'), name='order_document_position'), models.UniqueConstraint(condition=models.Q(('kind', 'invoice')), fields=('order',), name='order_document_one_invoice'), models.UniqueConstraint(condition=models.Q(('kind', 'credit_note'), ('refund', None)), fields=('order',), name='order_document_one_note_of_all'), models.CheckConstraint(condition=models.Q(models.Q(('corrects', None), ('kind', 'invoice'), ('refund', None)), models.Q(('corrects__isnull', False), ('kind', 'credit_note')), _connector='OR'), name='order_document_corrects_an_invoice'), models.CheckConstraint(condition=models.Q(('position__gt', 0), ('tax_minor__gte', 0), ('total_minor__gte', models.F('tax_minor'))), name='order_document_amounts')],
            },
        ),
        migrations.RunSQL(GUARD, NO_GUARD),
    ]
