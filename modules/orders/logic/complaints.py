"""Refusals that name the field that will not do."""

from ecommerce.kernel.errors import Invalid


def complaint(field: str, detail: str, code: str = "invalid") -> Invalid:
    """That field cannot be that, and why."""
    return Invalid("Some fields are invalid.", errors=[{"field": field, "code": code, "detail": detail}])
