"""A customer's address book."""

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from ecommerce.kernel.rest.authentication import caller_id
from ecommerce.kernel.rest.pages import PAGING, page_answer, paginate
from ecommerce.kernel.rest.permissions import IsSignedIn
from ecommerce.kernel.rest.schema import PAGING_PARAMETERS, page_of
from ecommerce.kernel.rest.serializers import StrictSerializer
from modules.users.api.serializers import addresses as serializers
from modules.users.logic import addresses


class AddressBook(APIView):
    permission_classes = [IsSignedIn]
    operation_ids = {"get": "users_addresses_list", "post": "users_addresses_create"}
    problems = (409,)

    @extend_schema(parameters=[*PAGING_PARAMETERS], responses={200: page_of(serializers.SavedAddress)})
    def get(self, request: Request) -> Response:
        """The caller's addresses, newest first."""
        StrictSerializer.parse_query(request, besides=PAGING)
        page = paginate(request, addresses.addresses_of(caller_id(request)), ordering=("-created_at", "-id"))
        return page_answer(page, serializers.SavedAddress(page.rows, many=True).data)

    @extend_schema(request=serializers.SavedAddressInput, responses={201: serializers.SavedAddress})
    def post(self, request: Request) -> Response:
        """Write an address down, at most 50; the first is the default."""
        body = serializers.SavedAddressInput.parse(request)
        address = addresses.add_address(user_id=caller_id(request), **body)
        return Response(serializers.SavedAddress(address).data, status=201)


class AddressEntry(APIView):
    permission_classes = [IsSignedIn]
    operation_ids = {
        "get": "users_addresses_retrieve",
        "patch": "users_addresses_update",
        "delete": "users_addresses_delete",
    }

    @extend_schema(responses={200: serializers.SavedAddress})
    def get(self, request: Request, address_id: UUID) -> Response:
        """One of the caller's addresses."""
        address = addresses.find_address(user_id=caller_id(request), address_id=address_id)
        return Response(serializers.SavedAddress(address).data)

    @extend_schema(request=serializers.SavedAddressInput, responses={200: serializers.SavedAddress})
    def patch(self, request: Request, address_id: UUID) -> Response:
        """Change what is given."""
        body = serializers.SavedAddressInput.parse(request, partial=True)
        address = addresses.change_address(user_id=caller_id(request), address_id=address_id, **body)
        return Response(serializers.SavedAddress(address).data)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, address_id: UUID) -> Response:
        """Forget an address."""
        addresses.delete_address(user_id=caller_id(request), address_id=address_id)
        return Response(status=204)
