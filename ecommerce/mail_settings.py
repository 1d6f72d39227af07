"""What the settings of mail may be."""

from django.core.exceptions import ValidationError
from django.core.validators import validate_email


def check_addresses(addresses: list[str]) -> list[str]:
    """Mail addresses, each once; refuses with ValueError what is none."""
    for address in addresses:
        try:
            validate_email(address)
        except ValidationError as error:
            raise ValueError(f"{address} is no mail address") from error
    return list(dict.fromkeys(addresses))
