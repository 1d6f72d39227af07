"""Pictures by their addresses under /media/: what a storefront's pages load, not its programs."""

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified
from django.urls import re_path
from django.views.decorators.http import require_safe

from modules.catalog.logic import media
from modules.catalog.logic.images import MEDIA

NAME = r"^(?P<name>[0-9a-f]{2}/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}-[0-9a-f]{32}\.webp)$"
HEADERS = {
    # Its name is made of its content: another picture has another address.
    "Cache-Control": "public, max-age=31536000, immutable",
    # Storefronts are on other hosts.
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Content-Security-Policy": "default-src 'none'",
    "X-Content-Type-Options": "nosniff",
}


@require_safe
def picture(request: HttpRequest, name: str) -> HttpResponse:
    """A picture that the shop made. An upload is at no address, nor is anything else in the store."""
    headers = HEADERS | {"ETag": f'"{name}"'}
    if headers["ETag"] in request.META.get("HTTP_IF_NONE_MATCH", ""):
        return HttpResponseNotModified(headers=headers)
    try:
        content = media.read(media.name_of(MEDIA + name))
    except FileNotFoundError as error:
        raise Http404 from error
    return HttpResponse(content, content_type="image/webp", headers=headers)


urlpatterns = [re_path(NAME, picture)]
