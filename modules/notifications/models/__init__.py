"""Notifications' tables."""

from modules.notifications.models.breakers import ProviderBreaker
from modules.notifications.models.letter_texts import LetterText
from modules.notifications.models.messages import Delivery, Message
from modules.notifications.models.stock_alerts import StockAlert
from modules.notifications.models.tracking import Suppression, Tracking
from modules.notifications.models.webhooks import WebhookEndpoint
from modules.notifications.models.wishes import OptIn, OptOut

__all__ = [
    "Delivery",
    "LetterText",
    "Message",
    "OptIn",
    "OptOut",
    "ProviderBreaker",
    "StockAlert",
    "Suppression",
    "Tracking",
    "WebhookEndpoint",
]
