"""What each test method does. Stripe docs: "Test card numbers", "Testing", "Decline codes".

The two delayed ones have names of this fake's own: Stripe tests its SEPA debits by IBAN.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Decline:
    code: str
    message: str
    decline_code: str | None = None


GENERIC = Decline("card_declined", "Your card was declined.", "generic_decline")
NO_FUNDS = Decline("card_declined", "Your card has insufficient funds.", "insufficient_funds")
LOST = Decline("card_declined", "Your card was declined.", "lost_card")
EXPIRED = Decline("expired_card", "Your card has expired.")
WRONG_CVC = Decline("incorrect_cvc", "Your card's security code is incorrect.")
PROCESSING = Decline("processing_error", "An error occurred while processing your card. Try again in a little bit.")
AUTHENTICATION = Decline(
    "authentication_required",
    "Your card was declined. This transaction requires authentication.",
    "authentication_required",
)
DEBIT_FAILED = Decline("payment_intent_payment_attempt_failed", "The payment failed.")
NOT_AUTHENTICATED = Decline(
    "payment_intent_authentication_failure",
    "The provided PaymentMethod has failed authentication. You can provide payment_method_data or a new PaymentMethod "
    "to attempt to fulfill this PaymentIntent again.",
)


@dataclass(frozen=True)
class Behaviour:
    kind: str = "card"
    brand: str = "visa"
    last4: str = "4242"
    decline: Decline | None = None
    # With the buyer there he has to authenticate; without him it is declined.
    authenticates: bool = False
    # "fraudulent" or "inquiry": disputed as soon as it is paid.
    disputed: str = ""
    # The bank says days later: `bank.settle`, `bank.refuse`.
    delayed: bool = False


BEHAVIOURS = {
    "pm_card_visa": Behaviour(),
    "pm_card_mastercard": Behaviour(brand="mastercard", last4="4444"),
    "pm_card_visa_chargeDeclined": Behaviour(last4="0002", decline=GENERIC),
    "pm_card_chargeDeclined": Behaviour(last4="0002", decline=GENERIC),
    "pm_card_visa_chargeDeclinedInsufficientFunds": Behaviour(last4="9995", decline=NO_FUNDS),
    "pm_card_chargeDeclinedInsufficientFunds": Behaviour(last4="9995", decline=NO_FUNDS),
    "pm_card_visa_chargeDeclinedLostCard": Behaviour(last4="9987", decline=LOST),
    "pm_card_chargeDeclinedExpiredCard": Behaviour(last4="0069", decline=EXPIRED),
    "pm_card_chargeDeclinedIncorrectCvc": Behaviour(last4="0127", decline=WRONG_CVC),
    "pm_card_chargeDeclinedProcessingError": Behaviour(last4="0119", decline=PROCESSING),
    "pm_card_authenticationRequired": Behaviour(last4="3184", authenticates=True),
    "pm_card_threeDSecure2Required": Behaviour(last4="3220", authenticates=True),
    "pm_card_threeDSecureRequiredChargeDeclined": Behaviour(last4="1629", authenticates=True, decline=GENERIC),
    "pm_card_createDispute": Behaviour(last4="0259", disputed="fraudulent"),
    "pm_card_createDisputeInquiry": Behaviour(last4="1976", disputed="inquiry"),
    "pm_sepaDebit": Behaviour(kind="sepa_debit", brand="", last4="3000", delayed=True),
}
