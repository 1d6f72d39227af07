"""What a user wants to hear of: mails about his orders and account are not for him to turn off, marketing is.

SMS come only to who asks for them, about where his orders are.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from ecommerce.kernel import clock
from ecommerce.kernel.db import atomic
from ecommerce.kernel.errors import Conflict
from modules.notifications.logic import phone_numbers
from modules.notifications.logic.channels import twilio
from modules.notifications.models import Message, OptIn, OptOut
from modules.users import service as users_service

# Only who accepts marketing gets these (§ 7 UWG, Art. 13 ePrivacy Directive), unless he has turned one of them off.
OPTIONAL = frozenset({Message.Topic.CART_ABANDONED, Message.Topic.REVIEW_REQUEST})
CHANNELS = (Message.Channel.MAIL, Message.Channel.SMS)
OF_STAFF = frozenset({Message.Topic.PAYMENT_DISPUTED, Message.Topic.REFUND_FAILED, Message.Topic.WEBHOOK_DISABLED})
# What customers are told of.
TOPICS = tuple(sorted({*Message.Topic.values} - OF_STAFF))
# Of these there are SMS: off until they are asked for.
BY_SMS = frozenset({Message.Topic.ORDER_SHIPPED, Message.Topic.ORDER_DELIVERED})


class PreferenceFixed(Conflict):
    """Who orders here, or has an account, is told what he must know."""

    # Its details are the `topic` and `channel`.
    code = "preference_fixed"


class MarketingNotAccepted(Conflict):
    """The account accepts no marketing: `accepts_marketing` at /users/me/ says so to the whole shop."""

    code = "marketing_not_accepted"


class PreferenceNotOffered(Conflict):
    """This shop tells nobody of this topic on this channel."""

    # Its details are the `topic` and `channel`.
    code = "preference_not_offered"


class PhoneMissing(Conflict):
    """The account has no mobile number with its country's code: +4915112345678."""

    code = "phone_missing"


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
    """All topics on all channels that the shop offers, by name."""
    turned_off = set(OptOut.objects.filter(customer_id=user_id).values_list("topic", "channel"))
    turned_on = set(OptIn.objects.filter(customer_id=user_id).values_list("topic", "channel"))
    marketing = accepts_marketing(user_id)
    found = []
    for topic in TOPICS:
        mailed = topic not in OPTIONAL or (marketing and (topic, Message.Channel.MAIL) not in turned_off)
        found.append(_preference(topic, Message.Channel.MAIL, enabled=mailed, can_change=topic in OPTIONAL))
        if _is_texted(topic):
            texted = (topic, Message.Channel.SMS) in turned_on
            found.append(_preference(topic, Message.Channel.SMS, enabled=texted, can_change=True))
    return found


def change(user_id: UUID, wishes: Sequence[Wish]) -> None:
    """Do as the user wishes, all of it or nothing; of two wishes for the same, the last. Repeating is safe.

    Refuses to turn off what he must know (PreferenceFixed), and to turn on what nobody is told of there
    (PreferenceNotOffered), what his account does not accept (MarketingNotAccepted), and SMS without a number for them
    (PhoneMissing).
    """
    for wish in wishes:
        _require_choice(wish)
    by_mail = any(wish.channel == Message.Channel.MAIL and wish.topic in OPTIONAL and wish.enabled for wish in wishes)
    if by_mail and not accepts_marketing(user_id):
        raise MarketingNotAccepted
    by_sms = any(wish.channel == Message.Channel.SMS and wish.enabled for wish in wishes)
    if by_sms and not mobile_number_of(user_id):
        raise PhoneMissing
    with atomic(OptOut):
        for wish in sorted(wishes, key=lambda wish: (wish.topic, wish.channel)):
            _do(user_id, wish)


def turn_off(user_id: UUID, topic: str, channel: str) -> None:
    """The user hears of this no more; repeating is safe."""
    _add(OptOut, user_id, topic, channel)


def is_turned_off(user_id: UUID, topic: str, channel: str) -> bool:
    """Whether the user has said that he does not want it."""
    return OptOut.objects.filter(customer_id=user_id, topic=topic, channel=channel).exists()


def is_turned_on(user_id: UUID, topic: str, channel: str) -> bool:
    """Whether the user has asked for what comes only to who asks for it."""
    return OptIn.objects.filter(customer_id=user_id, topic=topic, channel=channel).exists()


def mobile_number_of(user_id: UUID) -> str:
    """The number for the account's SMS, in E.164; empty where it has none, or is gone."""
    contacts = users_service.get_contacts(ids=[user_id])
    return phone_numbers.read_mobile(contacts[0].phone) if contacts else ""


def accepts_marketing(user_id: UUID) -> bool:
    """Whether the account accepts marketing at all; an account that is gone does not."""
    return any(contact.accepts_marketing for contact in users_service.get_contacts(ids=[user_id]))


def _is_texted(topic: str) -> bool:
    return topic in BY_SMS and twilio.is_configured()


def _preference(topic: str, channel: str, *, enabled: bool, can_change: bool) -> Preference:
    return Preference(topic=topic, channel=channel, enabled=enabled, can_change=can_change)


def _require_choice(wish: Wish) -> None:
    if wish.channel == Message.Channel.SMS:
        if wish.enabled and not _is_texted(wish.topic):
            raise PreferenceNotOffered(topic=wish.topic, channel=wish.channel)
    elif wish.topic not in OPTIONAL and not wish.enabled:
        raise PreferenceFixed(topic=wish.topic, channel=wish.channel)


def _do(user_id: UUID, wish: Wish) -> None:
    """A row says what is not as it is for who has said nothing: mail comes, SMS do not."""
    by_sms = wish.channel == Message.Channel.SMS
    rows: type[OptIn] | type[OptOut] = OptIn if by_sms else OptOut
    if wish.enabled == by_sms:
        _add(rows, user_id, wish.topic, wish.channel)
    else:
        rows.objects.filter(customer_id=user_id, topic=wish.topic, channel=wish.channel).delete()


def _add(rows: type[OptIn] | type[OptOut], user_id: UUID, topic: str, channel: str) -> None:
    values = {"customer_id": user_id, "topic": topic, "channel": channel}
    rows.objects.get_or_create(**values, defaults={"created_at": clock.now()})
