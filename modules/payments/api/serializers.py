"""The shapes of payments' requests and answers."""

from ecommerce.kernel.rest.serializers import (
    AwareDateTimeField,
    CharField,
    ChoiceField,
    IntegerField,
    ListField,
    MoneyField,
    StrictSerializer,
    UUIDField,
)
from modules.payments.contracts import PaymentStatus


class PaymentFailure(StrictSerializer):
    """Why the last attempt did not succeed."""

    code = CharField()
    message = CharField()


class PaymentNextAction(StrictSerializer):
    """What the buyer has to do: follow `url`, then confirm."""

    type = CharField()
    url = CharField()


class Payment(StrictSerializer):
    """A payment as its payer may see it."""

    id = UUIDField()
    order_id = UUIDField()
    provider = CharField()
    status = ChoiceField(choices=[status.value for status in PaymentStatus])
    amount = MoneyField()
    captured = MoneyField()
    refunded = MoneyField()
    next_action = PaymentNextAction(allow_null=True)
    client_secret = CharField(allow_null=True)
    failure = PaymentFailure(allow_null=True)
    created_at = AwareDateTimeField()


class ConfirmInput(StrictSerializer):
    """What a buyer may say when he comes back."""

    method = CharField(required=False, max_length=60)


class RetryInput(StrictSerializer):
    """How to try again; the same provider and its usual method when nothing is said."""

    provider = CharField(required=False, max_length=30)
    method = CharField(required=False, max_length=60)


class CaptureInput(StrictSerializer):
    """How much of what is authorised is taken; all of it when nothing is said. The rest is let go."""

    amount = MoneyField(required=False, min_value=1)


class PaymentRefundInput(StrictSerializer):
    """How much goes back; all that is left when nothing is said."""

    amount = MoneyField(required=False, min_value=1)
    reason = CharField(required=False, max_length=200, default="")


class Method(StrictSerializer):
    """One configured provider."""

    provider = CharField()
    public_key = CharField(allow_null=True)
    methods = ListField(child=CharField())


class SavedMethod(StrictSerializer):
    """A card that a provider keeps for its holder: no more of it is known here."""

    provider = CharField()
    id = CharField()
    brand = CharField()
    last4 = CharField()
    exp_month = IntegerField()
    exp_year = IntegerField()


class SavedMethods(StrictSerializer):
    """The caller's saved methods."""

    results = SavedMethod(many=True)


class SavingInput(StrictSerializer):
    """Which provider is to keep a method."""

    provider = CharField(max_length=30)


class Saving(StrictSerializer):
    """What the buyer's browser hands to the provider's own library."""

    provider = CharField()
    client_secret = CharField()


class Methods(StrictSerializer):
    """The providers a buyer may choose from."""

    results = Method(many=True)
