"""All modules share DATABASE_URL unless <MODULE>_DATABASE_URL gives one its own."""

import os
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from ecommerce.settings.environment import env
from ecommerce.settings.modules import LOCAL_MODULES


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
