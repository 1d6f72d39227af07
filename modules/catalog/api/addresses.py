"""Where things are found in this API, and where they went."""

from django.http import HttpResponse
from drf_spectacular.utils import OpenApiResponse
from rest_framework.request import Request

MOVED = OpenApiResponse(description="It has another slug by now: `Location` names its address.")


def moved_answer(request: Request, slug: str) -> HttpResponse:
    """301 to the same question under the new slug; to be asked again each time, since another may take the old one."""
    where = f"{request.path.rstrip('/').rpartition('/')[0]}/{slug}/"
    query = request.META.get("QUERY_STRING", "")
    location = f"{where}?{query}" if query else where
    return HttpResponse(status=301, headers={"Location": location, "Cache-Control": "public, no-cache"})
