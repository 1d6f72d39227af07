"""Captures later, disputes, saved customers, and payouts in the ledger."""

import django.db.models.deletion
import ecommerce.kernel.ids
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('payments', '0003_personal_data'),
    ]

    operations = [
        migrations.CreateModel(
            name='Dispute',
            fields=[
                ('id', models.UUIDField(default=ecommerce.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('provider', models.CharField(max_length=30)),
                ('provider_reference', models.CharField(max_length=100)),
                ('status', models.CharField(choices=[('inquiry', 'Inquiry'), ('needs_response', 'Needs Response'), ('under_review', 'Under Review'), ('closed', 'Closed'), ('lost', 'Lost'), ('won', 'Won')], max_length=20)),
                ('amount_minor', models.BigIntegerField()),
                ('withdrawn_minor', models.BigIntegerField(default=0)),
                ('reinstated_minor', models.BigIntegerField(default=0)),
                ('reason', models.CharField(blank=True, max_length=100)),
                ('evidence_due_at', models.DateTimeField(null=True)),
                ('opened_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='Instruction',
            fields=[
                ('id', models.UUIDField(default=ecommerce.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('capture', 'Capture'), ('void', 'Void')], max_length=10)),
                ('status', models.CharField(choices=[('pending', 'Pending'), ('done', 'Done'), ('refused', 'Refused')], default='pending', max_length=10)),
                ('amount_minor', models.BigIntegerField(default=0)),
                ('created_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='ProviderCustomer',
            fields=[
                ('id', models.UUIDField(default=ecommerce.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('user_id', models.UUIDField()),
                ('provider', models.CharField(max_length=30)),
                ('reference', models.CharField(max_length=100)),
                ('created_at', models.DateTimeField()),
            ],
        ),
        migrations.RemoveConstraint(
            model_name='attempt',
            name='attempt_status_known',
        ),
        migrations.RemoveConstraint(
            model_name='payment',
            name='payment_amounts_not_negative',
        ),
        migrations.RemoveConstraint(
            model_name='sandboxpayment',
            name='sandbox_status_known',
        ),
        migrations.RemoveConstraint(
            model_name='sandboxpayment',
            name='sandbox_refunds_its_amount',
        ),
        migrations.AddField(
            model_name='attempt',
            name='customer',
            field=models.CharField(blank=True, max_length=100),
        ),
        migrations.AddField(
            model_name='attempt',
            name='was_repeated',
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name='payment',
            name='capture_before',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='payment',
            name='captures_later',
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name='payment',
            name='disputed_minor',
            field=models.BigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='refund',
            name='attempt',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='payments.attempt'),
        ),
        migrations.AddField(
            model_name='sandboxpayment',
            name='captured_minor',
            field=models.BigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='sandboxpayment',
            name='captures_later',
            field=models.BooleanField(default=False),
        ),
        migrations.AlterField(
            model_name='attempt',
            name='status',
            field=models.CharField(choices=[('started', 'Started'), ('requires_action', 'Requires Action'), ('processing', 'Processing'), ('failed', 'Failed'), ('authorized', 'Authorized'), ('cancelled', 'Cancelled'), ('captured', 'Captured')], default='started', max_length=20),
        ),
        # What the sandbox had taken until now was always the whole.
        migrations.RunSQL(
            "UPDATE payments_sandboxpayment SET captured_minor = amount_minor WHERE status = 'captured'",
            migrations.RunSQL.noop,
        ),
        migrations.AlterField(
            model_name='posting',
            name='order_id',
            field=models.UUIDField(null=True),
        ),
        migrations.AlterField(
            model_name='posting',
            name='payment',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='postings', to='payments.payment'),
        ),
        migrations.AlterField(
            model_name='sandboxpayment',
            name='status',
            field=models.CharField(choices=[('started', 'Started'), ('requires_action', 'Requires Action'), ('processing', 'Processing'), ('failed', 'Failed'), ('authorized', 'Authorized'), ('cancelled', 'Cancelled'), ('captured', 'Captured')], max_length=20),
        ),
        migrations.AddIndex(
            model_name='attempt',
            index=models.Index(fields=['created_at'], name='attempt_by_time'),
        ),
        migrations.AddIndex(
            model_name='payment',
            index=models.Index(condition=models.Q(('status', 'authorized')), fields=['capture_before'], name='payment_authorized'),
        ),
        migrations.AddIndex(
            model_name='payment',
            index=models.Index(fields=['created_at'], name='payment_by_time'),
        ),
        migrations.AddIndex(
            model_name='payment',
            index=models.Index(condition=models.Q(('captured_minor__gt', models.F('amount_minor'))), fields=['id'], name='payment_surplus'),
        ),
        migrations.AddIndex(
            model_name='payment',
            index=models.Index(fields=['status', 'id'], name='payment_by_status'),
        ),
        migrations.AddIndex(
            model_name='posting',
            index=models.Index(fields=['posted_at'], name='posting_by_time'),
        ),
        migrations.AddIndex(
            model_name='providerevent',
            index=models.Index(fields=['received_at'], name='event_by_time'),
        ),
        migrations.AddIndex(
            model_name='refund',
            index=models.Index(condition=models.Q(('status', 'pending')), fields=['created_at'], name='refund_on_its_way'),
        ),
        migrations.AddConstraint(
            model_name='attempt',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['started', 'requires_action', 'processing', 'failed', 'authorized', 'cancelled', 'captured'])), name='attempt_status_known'),
        ),
        migrations.AddConstraint(
            model_name='payment',
            constraint=models.CheckConstraint(condition=models.Q(('authorized_minor__gte', 0), ('captured_minor__gte', 0), ('refunded_minor__gte', 0), ('disputed_minor__gte', 0), ('refund_pending_minor__gte', 0)), name='payment_amounts_not_negative'),
        ),
        migrations.AddConstraint(
            model_name='sandboxpayment',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['started', 'requires_action', 'processing', 'failed', 'authorized', 'cancelled', 'captured'])), name='sandbox_status_known'),
        ),
        migrations.AddConstraint(
            model_name='sandboxpayment',
            constraint=models.CheckConstraint(condition=models.Q(('refunded_minor__lte', models.F('captured_minor'))), name='sandbox_refunds_what_it_took'),
        ),
        migrations.AddConstraint(
            model_name='sandboxpayment',
            constraint=models.CheckConstraint(condition=models.Q(('captured_minor__lte', models.F('amount_minor'))), name='sandbox_takes_its_amount'),
        ),
        migrations.AddField(
            model_name='dispute',
            name='payment',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='disputes', to='payments.payment'),
        ),
        migrations.AddField(
            model_name='instruction',
            name='payment',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='instructions', to='payments.payment'),
        ),
        migrations.AddConstraint(
            model_name='providercustomer',
            constraint=models.UniqueConstraint(fields=('user_id', 'provider'), name='customer_once_per_provider'),
        ),
        migrations.AddConstraint(
            model_name='dispute',
            constraint=models.UniqueConstraint(fields=('provider', 'provider_reference'), name='dispute_once'),
        ),
        migrations.AddConstraint(
            model_name='dispute',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['inquiry', 'needs_response', 'under_review', 'closed', 'lost', 'won'])), name='dispute_status_known'),
        ),
        migrations.AddConstraint(
            model_name='dispute',
            constraint=models.CheckConstraint(condition=models.Q(('reinstated_minor__gte', 0), ('reinstated_minor__lte', models.F('withdrawn_minor'))), name='dispute_returns_what_it_took'),
        ),
        migrations.AddIndex(
            model_name='instruction',
            index=models.Index(fields=['payment', 'created_at'], name='instruction_of_payment'),
        ),
        migrations.AddConstraint(
            model_name='instruction',
            constraint=models.UniqueConstraint(condition=models.Q(('status', 'pending')), fields=('payment',), name='instruction_one_at_a_time'),
        ),
        migrations.AddConstraint(
            model_name='instruction',
            constraint=models.UniqueConstraint(condition=models.Q(('kind', 'capture'), ('status', 'done')), fields=('payment',), name='instruction_captures_once'),
        ),
        migrations.AddConstraint(
            model_name='instruction',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ('capture', 'void'))), name='instruction_kind_known'),
        ),
        migrations.AddConstraint(
            model_name='instruction',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ('pending', 'done', 'refused'))), name='instruction_status_known'),
        ),
        migrations.AddConstraint(
            model_name='instruction',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('amount_minor__gt', 0), ('kind', 'capture')), models.Q(('amount_minor', 0), ('kind', 'void')), _connector='OR'), name='instruction_amount_of_captures'),
        ),
    ]
