"""The Django project: its apps, middleware, templates; where it is reached, and the key it signs with."""

import os

from ecommerce.settings.environment import env
from ecommerce.settings.modules import HAS_USERS, LOCAL_MODULES

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
