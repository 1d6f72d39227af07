"""Every address of the shop; a module that runs elsewhere is not routed here."""

from importlib.util import find_spec

from django.conf import settings
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView

from ecommerce.kernel import health, internal_api

# The first path segment under /api/v1/ says which module answers. A module that shows nothing has no api/.
APIS = [f"modules.{module}.api.urls" for module in settings.LOCAL_MODULES if find_spec(f"modules.{module}.api")]
HAS_NOTIFICATIONS = "notifications" in settings.LOCAL_MODULES

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("metrics", health.metrics),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("api/docs/", SpectacularSwaggerView.as_view(url_name="schema")),
    *internal_api.urlpatterns,
    *(path("api/v1/", include(api)) for api in APIS),
    *([path(".well-known/", include("modules.users.api.well_known"))] if settings.HAS_USERS else []),
    *([path("media/", include("modules.catalog.api.media"))] if "catalog" in settings.LOCAL_MODULES else []),
    *([path("dev/mailbox/", include("modules.notifications.api.mailbox"))] if HAS_NOTIFICATIONS else []),
    *([path("admin/", admin.site.urls)] if settings.HAS_USERS else []),
]
