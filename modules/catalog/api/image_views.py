"""Pictures of products and categories over HTTP: for staff. Shoppers see them with these, once they are ready."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from ecommerce.kernel.rest.etags import expected_versions, strong_etag
from ecommerce.kernel.rest.serializers import StrictSerializer
from modules.catalog.api.image_serializers import (
    CategoryImageFile,
    CategoryImageInput,
    ImageChange,
    ImageInput,
    ProductImageFile,
    ProductImageFiles,
    category_image_answer,
    image_answer,
)
from modules.catalog.api.permissions import MayWrite
from modules.catalog.logic import category_images, image_lists, product_images
from modules.catalog.logic.image_lists import ImageFiles


class ProductImages(APIView):
    permission_classes = [MayWrite]
    parser_classes = [MultiPartParser]
    operation_ids = {"get": "product_images_list", "post": "product_image_create"}

    @extend_schema(responses=ProductImageFiles)
    def get(self, request: Request, slug: str) -> Response:
        """The product's pictures in their order, also those that wait or failed."""
        StrictSerializer.parse_query(request)
        files = image_lists.list_images(key=slug)
        return _answer(files, {"results": [image_answer(image) for image in files.images]})

    @extend_schema(request={"multipart/form-data": ImageInput}, responses={201: ProductImageFile})
    def post(self, request: Request, slug: str) -> Response:
        """A picture of the product. It is judged at once by its bytes (400 `unsupported_image`, `broken_image`,
        `image_too_large`), and shown when a worker has made its three sizes in WebP, without anything that the file
        says besides its pixels. 503 where the store of files is away.
        """
        image_id = product_images.add_image(product_id=slug, **ImageInput.parse(request))
        return _one(request, image_id, status=201)


class ProductImage(APIView):
    permission_classes = [MayWrite]
    operation_ids = {"get": "image_retrieve", "patch": "image_update", "delete": "image_delete"}
    problems = (412,)

    @extend_schema(responses=ProductImageFile)
    def get(self, request: Request, image_id: UUID) -> Response:
        """One picture: whether it is ready, and why not."""
        StrictSerializer.parse_query(request)
        return _one(request, image_id)

    @extend_schema(request=ImageChange, responses=ProductImageFile)
    def patch(self, request: Request, image_id: UUID) -> Response:
        """Change its words, its place, and which variants it shows; the ETag and If-Match are the product's."""
        body, versions = ImageChange.parse(request), expected_versions(request)
        product_images.change_image(image_id=image_id, versions=versions, **body)
        return _one(request, image_id)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, image_id: UUID) -> Response:
        """Take it away. Its files are deleted an hour later."""
        product_images.remove_image(image_id=image_id, versions=expected_versions(request))
        return Response(status=204)


class CategoryImage(APIView):
    permission_classes = [MayWrite]
    parser_classes = [MultiPartParser]
    operation_ids = {
        "get": "category_image_retrieve",
        "post": "category_image_create",
        "delete": "category_image_delete",
    }

    @extend_schema(responses=CategoryImageFile)
    def get(self, request: Request, slug: str) -> Response:
        """The picture that was sent last: whether it is ready, and why not."""
        StrictSerializer.parse_query(request)
        return Response(category_image_answer(category_images.get_image(slug=slug)))

    @extend_schema(request={"multipart/form-data": CategoryImageInput}, responses={201: CategoryImageFile})
    def post(self, request: Request, slug: str) -> Response:
        """A picture of the category, judged as a product's is. The one before is shown until this one is ready."""
        image = category_images.set_image(slug=slug, **CategoryImageInput.parse(request))
        return Response(category_image_answer(image), status=201)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, slug: str) -> Response:
        """Leave the category without a picture."""
        category_images.remove_image(slug=slug)
        return Response(status=204)


def _one(request: Request, image_id: UUID, *, status: int = 200) -> Response:
    files = image_lists.get_image(image_id=image_id)
    where = {"Location": request.build_absolute_uri(f"/api/v1/catalog/images/{image_id}/")} if status == 201 else {}
    return _answer(files, image_answer(files.images[0]), status=status, headers=where)


def _answer(files: ImageFiles, data: Any, *, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    own = {"ETag": strong_etag(files.version), "Cache-Control": "private, no-store"}
    return Response(data, status=status, headers=own | (headers or {}))
