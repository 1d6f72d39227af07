"""What catalog's pages have in common."""

from django.http import HttpRequest
from unfold.paginator import InfinitePaginator

from ecommerce.kernel.admin_pages import WrittenByLogic


class Uncounted:
    """Long lists are not counted for each page."""

    show_full_result_count = False
    paginator = InfinitePaginator
    list_per_page = 50


class Written(WrittenByLogic):
    """What is on the shelf is archived, not deleted."""

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False
