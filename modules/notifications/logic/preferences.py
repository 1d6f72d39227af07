"""What a user wants to hear of: mails about his orders and account are not for him to turn off, marketing is."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from ecommerce.kernel import clock
from ecommerce.kernel.db import atomic
from ecommerce.kernel.errors import Conflict
from modules.notifications.models import Message, OptOut
from modules.users import service as users_service

# Only who accepts marketing gets these (§ 7 UWG, Art. 13 ePrivacy Directive), unless he has turned one of them off.
OPTIONAL = frozenset({Message.Topic.CART_ABANDONED, Message.Topic.REVIEW_REQUEST})
CHANNELS = (Message.Channel.MAIL,)


class PreferenceFixed(Conflict):
    """Who orders here, or has an account, is told what he must know."""

    # Its details are the `topic` and `channel`.
    code = "preference_fixed"


class MarketingNotAccepted(Conflict):
    """The account accepts no marketing: `accepts_marketing` at /users/me/ says so to the whole shop."""

    code = "marketing_not_accepted"


@dataclass(frozen=True, kw_only=True)
class Preference:
    """Whether somebody hears of a topic on a channel."""

    topic: str
    channel: str
    enabled: bool
    can_change: bool


@dataclass(frozen=True, kw_only=True)
class Wish:
    """To hear of a topic on a channel, or not."""

    topic: str
    channel: str
    enabled: bool


def preferences_of(user_id: UUID) -> list[Preference]:
    """All topics on all channels, by name."""
    turned_off = set(OptOut.objects.filter(customer_id=user_id).values_list("topic", "channel"))
    marketing = accepts_marketing(user_id)
    return [
        Preference(
            topic=topic,
            channel=channel,
            enabled=topic not in OPTIONAL or (marketing and (topic, channel) not in turned_off),
            can_change=topic in OPTIONAL,
        )
        for topic in sorted(Message.Topic.values)
        for channel in CHANNELS
    ]


def change(user_id: UUID, wishes: Sequence[Wish]) -> None:
    """Do as the user wishes, all of it or nothing; of two wishes for the same, the last. Repeating is safe.

    Refuses to turn off what he must know (PreferenceFixed), and to turn on what his account does not accept
    (MarketingNotAccepted).
    """
    for wish in wishes:
        if wish.topic not in OPTIONAL and not wish.enabled:
            raise PreferenceFixed(topic=wish.topic, channel=wish.channel)
    if any(wish.topic in OPTIONAL and wish.enabled for wish in wishes) and not accepts_marketing(user_id):
        raise MarketingNotAccepted
    with atomic(OptOut):
        for wish in sorted(wishes, key=lambda wish: (wish.topic, wish.channel)):
            if wish.enabled:
                OptOut.objects.filter(customer_id=user_id, topic=wish.topic, channel=wish.channel).delete()
            else:
                turn_off(user_id, wish.topic, wish.channel)


def turn_off(user_id: UUID, topic: str, channel: str) -> None:
    """The user hears of this no more; repeating is safe."""
    opt_out = OptOut(customer_id=user_id, topic=topic, channel=channel, created_at=clock.now())
    OptOut.objects.bulk_create([opt_out], ignore_conflicts=True)


def is_turned_off(user_id: UUID, topic: str, channel: str) -> bool:
    """Whether the user has said that he does not want it."""
    return OptOut.objects.filter(customer_id=user_id, topic=topic, channel=channel).exists()


def accepts_marketing(user_id: UUID) -> bool:
    """Whether the account accepts marketing at all; an account that is gone does not."""
    return any(contact.accepts_marketing for contact in users_service.get_contacts(ids=[user_id]))
