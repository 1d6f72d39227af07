"""Categories over HTTP: read by everyone, written by staff."""

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from ecommerce.kernel.rest.etags import expected_versions, kept_answer, strong_etag
from modules.catalog.api import answers, serializers
from modules.catalog.api.addresses import MOVED, moved_answer
from modules.catalog.api.category_answers import StaffCategory, sheet_answer
from modules.catalog.api.category_bodies import CategoryChange, CategoryInput
from modules.catalog.api.filters import no_parameters
from modules.catalog.api.languages import ACCEPT_LANGUAGE, in_language, language_of
from modules.catalog.api.permissions import WrittenByStaff
from modules.catalog.logic import categories, shelves
from modules.catalog.logic.editions import EDITION


class Categories(WrittenByStaff):
    cached = True
    problems = (409,)

    @extend_schema(parameters=[ACCEPT_LANGUAGE], responses=serializers.CategoryTree)
    def get(self, request: Request) -> HttpResponse:
        """The whole tree, in the language that Accept-Language asks for; siblings by their position, then by name."""
        no_parameters(request)
        language = language_of(request)

        def make() -> answers.CategoryTree:
            return answers.CategoryTree(categories.get_tree(language=language))

        return in_language(kept_answer(request, EDITION, make, variant=language), language)

    @extend_schema(request=CategoryInput, responses={201: StaffCategory})
    def post(self, request: Request) -> Response:
        """A new category. 409 `slug_taken`, `category_too_deep`; 400 for a parent or a sibling that is not there."""
        return _sheet(shelves.make_category(**CategoryInput.parse(request)), status=201)


class Category(WrittenByStaff):
    cached = True
    operation_ids = {"get": "category_retrieve", "patch": "category_update", "delete": "category_delete"}
    problems = (409, 412)

    @extend_schema(
        responses={
            200: serializers.Category,
            301: MOVED,
        }
    )
    def get(self, request: Request, slug: str) -> HttpResponse:
        """A category with its ancestors and what is below it, in the language that Accept-Language asks for."""
        language = language_of(request)

        def make() -> answers.Category | HttpResponse:
            page = categories.get_category(slug=slug, language=language)
            if page.node.slug != slug:
                return moved_answer(request, page.node.slug)
            no_parameters(request)
            return answers.category_answer(page)

        return in_language(kept_answer(request, EDITION, make, variant=language), language)

    @extend_schema(request=CategoryChange, responses=StaffCategory)
    def patch(self, request: Request, slug: str) -> Response:
        """Change what is given; `{}` changes nothing and answers the category with its version. What stands below comes
        along. 409 `slug_taken`, `category_cycle`, `category_too_deep`; 400 for a parent or a sibling that is not there.
        """
        body, versions = CategoryChange.parse(request), expected_versions(request)
        return _sheet(shelves.change_category(slug_now=slug, versions=versions, **body))

    @extend_schema(responses={204: None})
    def delete(self, request: Request, slug: str) -> Response:
        """Remove a category on which nothing stands; else 409 `category_not_empty` with how many `products` (of any
        status) and `children` do.
        """
        shelves.delete_category(slug=slug, versions=expected_versions(request))
        return Response(status=204)


def _sheet(sheet: shelves.CategorySheet, status: int = 200) -> Response:
    return Response(sheet_answer(sheet), status=status, headers={"ETag": strong_etag(sheet.version)})
