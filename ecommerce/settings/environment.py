"""The variables that the shop reads, and what it refuses; config/env.example documents each."""

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, IPvAnyNetwork, SecretStr, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from ecommerce.mail_settings import check_addresses
from ecommerce.media_storage import check_media_url
from ecommerce.openid_providers import OpenIDProvider, check_providers
from ecommerce.shop_settings import check_country, check_time_zone, check_vat_id
from ecommerce.sms_settings import check_account, check_base, check_complete, check_hours, check_sender

BASE_DIR = Path(__file__).resolve().parent.parent.parent

DEVELOPMENT_SECRET = "development-only-secret-that-production-refuses"  # noqa: S105  (refused unless DEBUG is on)


class Environment(BaseSettings):
    """The variables the shop reads; every mistake is reported at once when it starts."""

    model_config = SettingsConfigDict(extra="ignore", env_ignore_empty=True, hide_input_in_errors=True)

    debug: bool = False
    secret_key: SecretStr = SecretStr("")
    secret_key_fallbacks: Annotated[list[SecretStr], NoDecode] = []
    allowed_hosts: Annotated[list[str], NoDecode] = []
    cors_allowed_origins: Annotated[list[str], NoDecode] = []
    public_url: str = "http://localhost:8000"
    storefront_url: str = ""

    database_url: SecretStr = SecretStr("postgresql:///shop")
    database_pool: Literal["on", "off"] = "on"
    database_pool_size: int = Field(default=10, ge=1)
    redis_url: SecretStr = SecretStr("redis://127.0.0.1:6379/0")
    celery_broker_url: SecretStr = SecretStr("redis://127.0.0.1:6379/1")

    internal_keys: SecretStr = SecretStr("")
    jwt_key_encryption_key: SecretStr = SecretStr("")
    jwt_algorithm: Literal["EdDSA", "RS256"] = "EdDSA"
    staff_mfa: Literal["off", "required"] = "off"
    oidc_providers: list[OpenIDProvider] = []

    stripe_secret_key: SecretStr = SecretStr("")
    stripe_publishable_key: str = ""
    stripe_webhook_secrets: Annotated[list[SecretStr], NoDecode] = []
    stripe_api_base: str = "https://api.stripe.com"
    paypal_client_id: str = ""
    paypal_client_secret: SecretStr = SecretStr("")
    paypal_webhook_id: str = ""
    paypal_api_base: str = "https://api-m.paypal.com"
    payments_capture: Literal["at_once", "at_shipment"] = "at_once"
    payments_allow_sandbox: bool = False
    sandbox_webhook_secret: SecretStr = SecretStr("")
    payable_minutes: int = Field(default=30, ge=1)
    return_days: int = Field(default=30, ge=0)
    cart_claim: Literal["sum", "keep_mine", "keep_guest"] = "sum"
    abandoned_cart_hours: float = Field(default=24.0, ge=0, lt=720)
    review_request_days: int = Field(default=7, ge=0, le=90)
    sweep_seconds: float = Field(default=2.0, gt=0)
    keep_answers: int = Field(default=600, ge=0)

    default_currency: str = "EUR"
    languages: Annotated[list[str], NoDecode] = ["en", "de", "ru"]
    shop_time_zone: Annotated[str, AfterValidator(check_time_zone)] = "UTC"
    shop_country: Annotated[str, AfterValidator(check_country)] = "DE"
    shop_region: str = Field(default="", pattern=r"^[A-Z0-9]{0,3}$")
    shop_vat_id: Annotated[str, AfterValidator(check_vat_id)] = ""
    shop_name: str = ""
    shop_address: str = ""
    shop_tax_number: str = ""
    shop_register: str = ""
    invoice_prefix: str = Field(default="R", pattern=r"^[A-Z0-9]{1,10}$")
    credit_note_prefix: str = Field(default="G", pattern=r"^[A-Z0-9]{1,10}$")
    currencies_without_tax: Annotated[list[str], NoDecode] = ["USD", "CAD"]
    tax_rounding: Literal["line", "total"] = "line"
    shipping_taxed: Literal["on", "off"] = "on"

    email_backend: str = ""
    staff_emails: Annotated[list[str], NoDecode, AfterValidator(check_addresses)] = []
    email_from: str = "Shop <shop@example.com>"
    sendgrid_api_key: SecretStr = SecretStr("")
    sendgrid_api_base: str = "https://api.sendgrid.com"
    sendgrid_webhook_key: str = ""
    mail_dir: str = ""
    webhook_allowed_networks: Annotated[list[IPvAnyNetwork], NoDecode] = []

    twilio_account_sid: Annotated[str, AfterValidator(check_account)] = ""
    twilio_auth_token: SecretStr = SecretStr("")
    twilio_sender: Annotated[str, AfterValidator(check_sender)] = ""
    twilio_api_base: Annotated[str, AfterValidator(check_base)] = "https://api.twilio.com"
    sms_quiet_hours: Annotated[str, AfterValidator(check_hours)] = "21-8"

    media_root: str = ""
    media_url: Annotated[str, AfterValidator(check_media_url)] = "/media/"
    s3_bucket: str = ""
    s3_endpoint_url: str = ""
    s3_region: str = ""
    s3_access_key_id: SecretStr = SecretStr("")
    s3_secret_access_key: SecretStr = SecretStr("")

    log_dir: str = ""
    log_level: str = "INFO"
    rate_limits: Literal["on", "off"] = "on"
    trusted_proxies: int = Field(default=0, ge=0)
    metrics_dir: str = ""

    @model_validator(mode="before")
    @classmethod
    def split_lists(cls, values: dict[str, Any]) -> dict[str, Any]:
        """Lists are written with commas."""
        for name in (
            "secret_key_fallbacks",
            "stripe_webhook_secrets",
            "allowed_hosts",
            "cors_allowed_origins",
            "languages",
            "staff_emails",
            "currencies_without_tax",
            "webhook_allowed_networks",
        ):
            if isinstance(values.get(name), str):
                values[name] = [part.strip() for part in values[name].split(",") if part.strip()]
        return values

    @model_validator(mode="after")
    def require_secrets(self) -> "Environment":
        """Secrets have defaults in development only."""
        names = ("secret_key", "internal_keys", "jwt_key_encryption_key", "sandbox_webhook_secret")
        missing = [name for name in names if not getattr(self, name).get_secret_value()]
        if not self.payments_allow_sandbox and "sandbox_webhook_secret" in missing and not self.debug:
            missing.remove("sandbox_webhook_secret")
        if missing and not self.debug:
            raise ValueError("set " + ", ".join(name.upper() for name in missing) + " (or DEBUG=on)")
        for name in missing:
            setattr(self, name, SecretStr(f"{name}-{DEVELOPMENT_SECRET}"))
        return self

    @model_validator(mode="after")
    def judge_providers(self) -> "Environment":
        """What one entry of OIDC_PROVIDERS does not show."""
        check_providers(self.oidc_providers, debug=self.debug)
        return self

    @model_validator(mode="after")
    def judge_sms(self) -> "Environment":
        """Twilio is configured, or is not."""
        check_complete(self.twilio_account_sid, self.twilio_auth_token.get_secret_value(), self.twilio_sender)
        return self


env = Environment()
