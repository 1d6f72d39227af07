"""Which modules run here and which elsewhere, and who listens to whose events."""

import os

from ecommerce.event_routes import ROUTES

MODULES = ("users", "catalog", "cart", "payments", "orders", "notifications")
REMOTE_MODULES: dict[str, str] = {
    name: os.environ[f"{name.upper()}_URL"].rstrip("/") for name in MODULES if os.environ.get(f"{name.upper()}_URL")
}
LOCAL_MODULES = tuple(name for name in MODULES if name not in REMOTE_MODULES)
EVENT_ROUTES = ROUTES
HAS_USERS = "users" in LOCAL_MODULES
