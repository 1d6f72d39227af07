"""All settings, from the environment (12-factor). config/env.example documents every variable."""

import os
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import parse_qsl, unquote, urlsplit

from corsheaders.defaults import default_headers
from pydantic import AfterValidator, Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from ecommerce.event_routes import ROUTES
from ecommerce.media_storage import bucket, check_media_url, directory
from ecommerce.openid_providers import OpenIDProvider, check_providers, plain
from ecommerce.schedule import beat_schedule
from ecommerce.shop_settings import check_country, check_time_zone, check_vat_id
from modules.cart.contracts import PromotionKind
from modules.orders.contracts import OrderStatus, PaymentState
from modules.payments.contracts import PaymentStatus
from modules.users.contracts import Scope

BASE_DIR = Path(__file__).resolve().parent.parent
MODULES = ("users", "catalog", "cart", "payments", "orders", "notifications")

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

    payments_allow_sandbox: bool = False
    sandbox_webhook_secret: SecretStr = SecretStr("")
    payable_minutes: int = Field(default=30, ge=1)
    return_days: int = Field(default=30, ge=0)
    cart_claim: Literal["sum", "keep_mine", "keep_guest"] = "sum"
    abandoned_cart_hours: float = Field(default=24.0, ge=0, lt=720)
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
    email_from: str = "Shop <shop@example.com>"
    sendgrid_api_key: SecretStr = SecretStr("")
    mail_dir: str = ""

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
            "allowed_hosts",
            "cors_allowed_origins",
            "languages",
            "currencies_without_tax",
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


env = Environment()

# ── which modules run here, which elsewhere ──────────────────────────────────────────────────────────────────────────

REMOTE_MODULES: dict[str, str] = {
    name: os.environ[f"{name.upper()}_URL"].rstrip("/") for name in MODULES if os.environ.get(f"{name.upper()}_URL")
}
LOCAL_MODULES = tuple(name for name in MODULES if name not in REMOTE_MODULES)
EVENT_ROUTES = ROUTES
HAS_USERS = "users" in LOCAL_MODULES

DEBUG = env.debug
# Guards that cost a little and find a lot: on in development and in tests.
STRICT = DEBUG or "PYTEST_VERSION" in os.environ
SECRET_KEY = env.secret_key.get_secret_value()
SECRET_KEY_FALLBACKS = [key.get_secret_value() for key in env.secret_key_fallbacks]
ALLOWED_HOSTS = env.allowed_hosts or (["*"] if DEBUG else [])
PUBLIC_URL = env.public_url.rstrip("/")
# Mailed links lead to the storefront's own pages, which call the API.
STOREFRONT_URL = (env.storefront_url or env.public_url).rstrip("/")

INSTALLED_APPS = [
    *(["unfold"] if HAS_USERS else []),
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.postgres",
    *(["django.contrib.admin", "django.contrib.sessions", "django.contrib.messages"] if HAS_USERS else []),
    "django.contrib.staticfiles",
    "rest_framework",
    "corsheaders",
    "drf_standardized_errors",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "anymail",
    "ecommerce.kernel",
    *(f"modules.{name}" for name in LOCAL_MODULES),
    "ecommerce.backoffice",
]

MIDDLEWARE = [
    "ecommerce.kernel.rest.middleware.RequestGate",
    "ecommerce.kernel.observability.RequestLog",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    *(["django.contrib.sessions.middleware.SessionMiddleware"] if HAS_USERS else []),
    "django.middleware.common.CommonMiddleware",
    *(
        [
            "django.middleware.csrf.CsrfViewMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
            "django.contrib.messages.middleware.MessageMiddleware",
        ]
        if HAS_USERS
        else []
    ),
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "ecommerce.urls"
WSGI_APPLICATION = "ecommerce.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

# ── databases: all modules share DATABASE_URL unless <MODULE>_DATABASE_URL gives one its own ─────────────────────────


def database(url: str) -> dict[str, Any]:
    """Django's form of postgresql://user:password@host:port/name?host=/socket/directory."""
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query))
    options: dict[str, Any] = {"connect_timeout": 5, "application_name": "shop"}
    if env.database_pool == "on":
        options["pool"] = {"min_size": 1, "max_size": env.database_pool_size, "timeout": 2}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.pop("host", parts.hostname or ""),
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 0,
        "CONN_HEALTH_CHECKS": False,
        "OPTIONS": options | query,
    }


MODULE_DATABASES: dict[str, str] = {
    name: name for name in LOCAL_MODULES if os.environ.get(f"{name.upper()}_DATABASE_URL")
}
DATABASES = {"default": database(env.database_url.get_secret_value())} | {
    alias: database(os.environ[f"{name.upper()}_DATABASE_URL"]) for name, alias in MODULE_DATABASES.items()
}
DATABASE_ROUTERS = ["ecommerce.kernel.db.ModuleRouter"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# ── Redis: carts and cache in one database, the broker in another ────────────────────────────────────────────────────

CACHES = {
    "default": {
        "BACKEND": "django_redis.cache.RedisCache",
        "LOCATION": env.redis_url.get_secret_value(),
        "KEY_PREFIX": "shop",
        "OPTIONS": {"SOCKET_CONNECT_TIMEOUT": 1, "SOCKET_TIMEOUT": 5},
    }
}

CELERY_BROKER_URL = env.celery_broker_url.get_secret_value()
CELERY_RESULT_BACKEND = None
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
# Without it a task that kills its worker comes back for ever: this counts it as a retry.
CELERY_TASK_RETRY_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 900,
    "unacked_restore_interval": 10,
    "unacked_restore_throttle": 3,
    "socket_connect_timeout": 1,
    "socket_timeout": 5,
}
CELERY_TASK_PUBLISH_RETRY = False
CELERY_BEAT_SCHEDULE = beat_schedule(LOCAL_MODULES)
SWEEP_SECONDS = env.sweep_seconds

# ── identity ─────────────────────────────────────────────────────────────────────────────────────────────────────────

AUTH_USER_MODEL = "users.User" if HAS_USERS else "auth.User"
if HAS_USERS:
    AUTHENTICATION_BACKENDS = ["modules.users.logic.admin_access.ScopeBackend"]
# E-mail is unique by a constraint on its folded form, which the first two do not look at; redirecting to https is the
# gateway's business, which the third does not know.
SILENCED_SYSTEM_CHECKS = ["auth.E003", "auth.W004", "security.W008"]
PASSWORD_HASHERS = [
    "modules.users.logic.passwords.Argon2Hasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
JWT_KEY_ENCRYPTION_KEY = env.jwt_key_encryption_key.get_secret_value()
JWT_ALGORITHM = env.jwt_algorithm
STAFF_MFA = env.staff_mfa
JWT_ISSUER = "shop"
JWT_AUDIENCE = "shop"
ACCESS_TOKEN_LIFETIME = timedelta(minutes=10)
REFRESH_TOKEN_LIFETIME = timedelta(days=14)
OIDC_PROVIDERS: list[dict[str, Any]] = [plain(provider) for provider in env.oidc_providers]
INTERNAL_KEYS = env.internal_keys.get_secret_value()

# ── the API ──────────────────────────────────────────────────────────────────────────────────────────────────────────

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["ecommerce.kernel.rest.authentication.BearerAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.AllowAny"],
    "DEFAULT_PARSER_CLASSES": ["ecommerce.kernel.rest.parsers.StrictJSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["ecommerce.kernel.rest.renderers.JSONRenderer"],
    "DEFAULT_THROTTLE_CLASSES": ["ecommerce.kernel.rest.throttles.CallerThrottle"],
    "DEFAULT_THROTTLE_RATES": {
        "anonymous": "600/min",
        "user": "1200/min",
        "register": "20/hour",
        "login": "60/min",
        "mailed_link": "20/hour",
        "api_key": "60/min",
    },
    "DEFAULT_SCHEMA_CLASS": "ecommerce.kernel.rest.schema.Schema",
    "EXCEPTION_HANDLER": "ecommerce.kernel.rest.problems.exception_handler",
    "UNAUTHENTICATED_USER": "ecommerce.kernel.identity.anonymous",
    # How many proxies of ours stand before us: only so many addresses of X-Forwarded-For are believed.
    "NUM_PROXIES": env.trusted_proxies,
    "URL_FORMAT_OVERRIDE": None,
    "LIST_SERIALIZER_ERRORS_AS_DICT": True,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
RATE_LIMITS = env.rate_limits
SPECTACULAR_SETTINGS = {
    "TITLE": "Shop API",
    "DESCRIPTION": "One API under /api/v1/, whatever the deployment.",
    "VERSION": "1.0.0",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "COMPONENT_SPLIT_REQUEST": True,
    "SCHEMA_PATH_PREFIX": r"/api/v1",
    "ENUM_NAME_OVERRIDES": {
        "OrderStatus": [status.value for status in OrderStatus],
        "OrderPaymentStatus": [state.value for state in PaymentState],
        "PaymentStatus": [status.value for status in PaymentStatus],
        "ExportStatus": ["pending", "ready"],
        "ProductStatus": ["draft", "published", "archived"],
        "ReviewStatus": ["pending", "approved", "rejected"],
        "ImportStatus": ["queued", "running", "done", "failed"],
        "ImageState": ["waiting", "ready", "failed"],
        "KindEnum": ["text", "number", "choice", "boolean", "colour"],
        "PromotionKind": [kind.value for kind in PromotionKind],
        "Scope": [scope.value for scope in Scope],
    },
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
}
APPEND_SLASH = False
CORS_ALLOWED_ORIGINS = env.cors_allowed_origins
CORS_ALLOW_HEADERS = [*default_headers, "idempotency-key", "if-match", "if-none-match", "x-request-id"]
CORS_EXPOSE_HEADERS = ["ETag", "Idempotent-Replayed", "Retry-After", "X-Request-ID"]
MAX_BODY_BYTES = 1024 * 1024
MAX_UPLOAD_BYTES = 10 * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = MAX_UPLOAD_BYTES

# ── the shop ─────────────────────────────────────────────────────────────────────────────────────────────────────────

DEFAULT_CURRENCY = env.default_currency
# How many seconds a public answer is kept at most, should nothing that it shows change; 0 keeps none.
KEEP_ANSWERS = env.keep_answers
PAYABLE_MINUTES = env.payable_minutes
RETURN_DAYS = env.return_days
CART_CLAIM = env.cart_claim
# 0: nobody is told.
ABANDONED_CART_HOURS = env.abandoned_cart_hours
SANDBOX_ALLOWED = DEBUG or env.payments_allow_sandbox
SANDBOX_WEBHOOK_SECRET = env.sandbox_webhook_secret.get_secret_value()
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

DEFAULT_FROM_EMAIL = env.email_from
SENDGRID_API_KEY = env.sendgrid_api_key.get_secret_value()
EMAIL_BACKEND = env.email_backend or (
    "anymail.backends.sendgrid.EmailBackend" if SENDGRID_API_KEY else "django.core.mail.backends.filebased.EmailBackend"
)
EMAIL_FILE_PATH = env.mail_dir or str(BASE_DIR / "var" / "mail")
EMAIL_TIMEOUT = 20
ANYMAIL = {"SENDGRID_API_KEY": SENDGRID_API_KEY, "REQUESTS_TIMEOUT": (5, 20)}

# ── files, security, logs ────────────────────────────────────────────────────────────────────────────────────────────

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "var" / "static"
WHITENOISE_USE_FINDERS = DEBUG
MEDIA_URL = env.media_url
MEDIA_ROOT = Path(env.media_root or BASE_DIR / "var" / "media")
STORAGES = {
    "default": bucket(
        name=env.s3_bucket,
        endpoint=env.s3_endpoint_url,
        region=env.s3_region,
        key_id=env.s3_access_key_id.get_secret_value(),
        secret_key=env.s3_secret_access_key.get_secret_value(),
    )
    if env.s3_bucket
    else directory(MEDIA_ROOT),
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not DEBUG
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = 0 if DEBUG else 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = not DEBUG
SECURE_HSTS_PRELOAD = not DEBUG
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$", r"^internal/"]
SECURE_SSL_REDIRECT = False  # the gateway's business

LOG_DIR = env.log_dir
LOG_LEVEL = env.log_level
LOGGING_CONFIG = "ecommerce.kernel.observability.configure_logging"
LOGGING = {"level": LOG_LEVEL, "directory": LOG_DIR}
METRICS_DIR = env.metrics_dir
