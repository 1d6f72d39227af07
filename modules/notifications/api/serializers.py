"""The shapes of notifications' requests and answers."""

from ecommerce.kernel.rest.serializers import (
    AwareDateTimeField,
    BooleanField,
    CharField,
    ChoiceField,
    ListField,
    StrictSerializer,
    UUIDField,
)
from modules.notifications.logic import preferences
from modules.notifications.models import Delivery, Message


class MessageSerializer(StrictSerializer):
    """A message as its recipient may see it; a secret link in it is left out."""

    id = UUIDField()
    topic = ChoiceField(choices=preferences.TOPICS)
    order_id = UUIDField(allow_null=True)
    channel = ChoiceField(choices=preferences.CHANNELS)
    language = CharField()
    subject = CharField()
    text = CharField()
    sent_at = AwareDateTimeField()


class DeliveryFilter(StrictSerializer):
    """Which attempts are shown."""

    message_id = UUIDField(required=False)
    webhook_id = UUIDField(required=False)


class DeliverySerializer(StrictSerializer):
    """One attempt to send a message; `code` and `detail` are the provider's words where it refused."""

    id = UUIDField()
    message_id = UUIDField()
    webhook_id = UUIDField(source="endpoint_id", allow_null=True)
    topic = CharField(source="message.topic", help_text="A letter's, or the name of the event.")
    reference_id = UUIDField(source="message.reference_id", help_text="The order, parcel, event … it is about.")
    channel = ChoiceField(choices=Message.Channel.values, source="message.channel")
    address = CharField(source="message.address")
    message_status = ChoiceField(choices=Message.Status.values, source="message.status")
    status = ChoiceField(choices=Delivery.Status.values)
    code = CharField()
    detail = CharField()
    provider_id = CharField()
    started_at = AwareDateTimeField()
    finished_at = AwareDateTimeField(allow_null=True)


class OnChannel(StrictSerializer):
    """A topic on a channel."""

    topic = ChoiceField(choices=preferences.TOPICS)
    channel = ChoiceField(choices=preferences.CHANNELS)


class Preference(OnChannel):
    """Whether the caller hears of a topic on a channel, and whether that is for him to say."""

    enabled = BooleanField()
    can_change = BooleanField()


class Preferences(StrictSerializer):
    """All of them."""

    results = Preference(many=True)


class PreferenceInput(OnChannel):
    """One that is to be changed."""

    enabled = BooleanField()


class PreferencesInput(StrictSerializer):
    """Those that are to be changed; what is not named stays."""

    preferences = ListField(child=PreferenceInput(), allow_empty=False, max_length=100)


class StockAlertInput(StrictSerializer):
    """What is to be waited for."""

    variant_id = UUIDField()


class StockAlertSerializer(StrictSerializer):
    """What the caller waits for."""

    id = UUIDField()
    variant_id = UUIDField()
    created_at = AwareDateTimeField()


class Unsubscribed(OnChannel):
    """What is not written of any more."""
