"""What catalog's pages have in common."""

from django.http import HttpRequest

from ecommerce.kernel.admin_pages import WrittenByLogic


class Written(WrittenByLogic):
    """What is on the shelf is archived, not deleted."""

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False
