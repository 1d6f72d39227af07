"""What staff are told when a field of theirs will not do."""

from ecommerce.kernel.errors import Invalid


def complaint(field: str, code: str, detail: str) -> Invalid:
    """The refusal (400) of one field, in the form in which the API answers all of them."""
    return Invalid("Some fields are invalid.", errors=[{"field": field, "code": code, "detail": detail}])
