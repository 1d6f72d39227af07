"""The REST API: how it reads and answers, its limits, its document, other origins."""

from corsheaders.defaults import default_headers

from ecommerce.settings.environment import env
from modules.cart.contracts import PromotionKind
from modules.orders.contracts import OrderStatus, PaymentState
from modules.payments.contracts import PaymentStatus
from modules.users.contracts import Scope

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
        "MessageChannel": ["mail", "sms", "webhook"],
        "PersonalChannel": ["mail", "sms"],
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
