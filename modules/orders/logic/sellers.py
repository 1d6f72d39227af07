"""Who sells: what the settings say of the shop, as its invoices must (Directive 2006/112/EC art. 226(3) and (5))."""

from typing import Any

from django.conf import settings
from django.core.checks import Warning as CheckWarning

# Which setting is missing, and what an invoice then lacks.
NEEDED = {
    "SHOP_NAME": "the shop's full name",
    "SHOP_ADDRESS": "the shop's full address",
}


def seller() -> dict[str, Any]:
    """The shop as its documents name it; what is not set is blank."""
    return {
        "name": settings.SHOP_NAME,
        "address": settings.SHOP_ADDRESS,
        "country": settings.SHOP_COUNTRY,
        "vat_id": settings.SHOP_VAT_ID,
        "tax_number": settings.SHOP_TAX_NUMBER,
        "register": settings.SHOP_REGISTER,
    }


def invoices_are_complete(**_: Any) -> list[CheckWarning]:
    """`check --deploy`: an invoice must name its seller, and the number that the tax office knows him by."""
    missing = {name: what for name, what in NEEDED.items() if not getattr(settings, name)}
    if not (settings.SHOP_VAT_ID or settings.SHOP_TAX_NUMBER):
        missing["SHOP_VAT_ID or SHOP_TAX_NUMBER"] = "the number that the tax office knows the shop by"
    return [CheckWarning(f"Invoices lack {what}: set {name}.", id="shop.W002") for name, what in missing.items()]
