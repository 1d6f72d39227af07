"""The shop: its money, its times, its seat, its taxes, its invoices, its languages."""

from ecommerce.settings.environment import env

DEFAULT_CURRENCY = env.default_currency
PAYABLE_MINUTES = env.payable_minutes
RETURN_DAYS = env.return_days
CART_CLAIM = env.cart_claim
# 0: nobody is told.
ABANDONED_CART_HOURS = env.abandoned_cart_hours
# 0: nobody is asked.
REVIEW_REQUEST_DAYS = env.review_request_days
SHOP_TIME_ZONE = env.shop_time_zone
SHOP_COUNTRY = env.shop_country
SHOP_REGION = env.shop_region
SHOP_VAT_ID = env.shop_vat_id
SHOP_NAME = env.shop_name
SHOP_ADDRESS = [line.strip() for line in env.shop_address.split("|") if line.strip()]
SHOP_TAX_NUMBER = env.shop_tax_number
SHOP_REGISTER = env.shop_register
INVOICE_PREFIX = env.invoice_prefix
CREDIT_NOTE_PREFIX = env.credit_note_prefix
# By habit: elsewhere consumers are shown prices with tax (in the EU by law: Directive 98/6/EC art. 2 and 3).
CURRENCIES_WITHOUT_TAX = frozenset(env.currencies_without_tax)
TAX_ROUNDING = env.tax_rounding
SHIPPING_TAXED = env.shipping_taxed == "on"

LANGUAGE_CODE = env.languages[0]
LANGUAGES = [(code, code) for code in env.languages]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"
