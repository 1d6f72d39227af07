"""What logic says of a form before it is saved, at the fields it is about."""

from collections.abc import Callable
from typing import Any

from ecommerce.kernel.errors import Invalid


def judge(form: Any, check: Callable[[], object]) -> None:
    """Put what the check refuses on the form; where a field has its say, the database's own words are not shown."""
    try:
        check()
    except Invalid as refusal:
        for error in refusal.details["errors"]:
            form.add_error(error["field"], error["detail"])
