"""Reviews over HTTP: for readers, for their authors, and for staff."""

from typing import cast
from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny, BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from ecommerce.kernel.rest.authentication import caller_of
from ecommerce.kernel.rest.etags import expected_versions, kept_answer, strong_etag
from ecommerce.kernel.rest.pages import PAGING, page_answer, paginate
from ecommerce.kernel.rest.permissions import HasScope
from ecommerce.kernel.rest.schema import PAGING_PARAMETERS, page_of
from modules.catalog.api import review_serializers as serializers
from modules.catalog.api.languages import language_of
from modules.catalog.api.review_answers import review_page
from modules.catalog.logic import moderation, reviews
from modules.catalog.logic.editions import EDITION
from modules.catalog.models import Review
from modules.users.contracts import Scope


class IsInPerson(BasePermission):
    """Anyone with an access token of his own: staff who act as a customer have no opinion of his, nor has a machine."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        caller = caller_of(request)
        return caller.is_authenticated and caller.actor_id is None and not caller.is_api_key


class ProductReviews(APIView):
    cached = True
    operation_ids = {"get": "reviews_list", "post": "review_write"}
    problems = (409,)

    def get_permissions(self) -> list[BasePermission]:
        """Everyone reads."""
        return [IsInPerson()] if self.request.method == "POST" else [AllowAny()]

    @extend_schema(
        parameters=[serializers.ReviewFilter, *PAGING_PARAMETERS], responses=page_of(serializers.Review, "ReviewPage")
    )
    def get(self, request: Request, slug: str) -> HttpResponse:
        """What buyers say of a published product, by its slug or id: the approved reviews, newest first."""
        stars = serializers.ReviewFilter.read(request, besides=PAGING)
        return kept_answer(
            request,
            EDITION,
            lambda: review_page(
                paginate(request, reviews.shown_reviews(slug_or_id=slug, stars=stars), ordering=("-created_at", "-id"))
            ),
            keep_body="cursor" not in request.query_params,
        )

    @extend_schema(request=serializers.ReviewInput, responses={201: serializers.OwnReview})
    def post(self, request: Request, slug: str) -> Response:
        """Review what you have bought, once (403 `not_a_buyer`, 409 `already_reviewed`); staff see it first."""
        body = serializers.ReviewInput.parse(request)
        review = reviews.write_review(
            slug_or_id=slug, author_id=_caller_id(request), language=language_of(request), **body
        )
        return Response(_own(review), status=201)


class OwnReview(APIView):
    permission_classes = [IsInPerson]
    operation_ids = {"get": "review_retrieve", "patch": "review_change", "delete": "review_delete"}

    @extend_schema(responses={200: serializers.OwnReview})
    def get(self, request: Request, review_id: UUID) -> Response:
        """The caller's own review, and what became of it; nobody else's is found."""
        return Response(_own(reviews.find_own(review_id=review_id, author_id=_caller_id(request))))

    @extend_schema(request=serializers.ReviewInput, responses={200: serializers.OwnReview})
    def patch(self, request: Request, review_id: UUID) -> Response:
        """Change what is given; what was shown waits for staff again."""
        body = serializers.ReviewInput.parse(request, partial=True)
        return Response(_own(reviews.change_review(review_id=review_id, author_id=_caller_id(request), **body)))

    @extend_schema(responses={204: None})
    def delete(self, request: Request, review_id: UUID) -> Response:
        """Take the review back; it counts no more."""
        reviews.delete_review(review_id=review_id, author_id=_caller_id(request))
        return Response(status=204)


class Moderation(APIView):
    permission_classes = [HasScope(Scope.CATALOG_WRITE)]
    operation_ids = {"get": "reviews_moderation_list"}

    @extend_schema(
        parameters=[serializers.ModerationFilter, *PAGING_PARAMETERS], responses=page_of(serializers.ModeratedReview)
    )
    def get(self, request: Request) -> Response:
        """The reviews of one status, the oldest first."""
        query = serializers.ModerationFilter.parse_query(request, besides=PAGING)
        wanted = moderation.reviews_in(query.get("status", serializers.FIRST_STATUS))
        page = paginate(request, wanted, ordering=("created_at", "id"))
        return page_answer(page, serializers.ModeratedReview(page.rows, many=True).data)


class Approval(APIView):
    permission_classes = [HasScope(Scope.CATALOG_WRITE)]
    operation_ids = {"post": "review_approve"}
    problems = (412,)

    @extend_schema(request=serializers.NothingInput, responses={200: serializers.ModeratedReview})
    def post(self, request: Request, review_id: UUID) -> Response:
        """Show a review. If-Match with its version makes sure that nothing is shown but what was read."""
        serializers.NothingInput.parse(request)
        versions = expected_versions(request)
        return _moderated(moderation.approve(review_id=review_id, moderator_id=_caller_id(request), versions=versions))


class Rejection(APIView):
    permission_classes = [HasScope(Scope.CATALOG_WRITE)]
    operation_ids = {"post": "review_reject"}
    problems = (412,)

    @extend_schema(request=serializers.RejectionInput, responses={200: serializers.ModeratedReview})
    def post(self, request: Request, review_id: UUID) -> Response:
        """Do not show a review, or no more."""
        body = serializers.RejectionInput.parse(request)
        versions = expected_versions(request)
        return _moderated(
            moderation.reject(review_id=review_id, moderator_id=_caller_id(request), versions=versions, **body)
        )


def _caller_id(request: Request) -> UUID:
    return cast(UUID, caller_of(request).id)


def _own(review: Review) -> dict[str, object]:
    return dict(serializers.OwnReview(review).data)


def _moderated(review: Review) -> Response:
    answer = serializers.ModeratedReview(review).data
    return Response(answer, headers={"ETag": strong_etag(review.version)})
