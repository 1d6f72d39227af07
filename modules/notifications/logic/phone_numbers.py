"""Phone numbers that an SMS can be sent to."""

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat, PhoneNumberType

# The others cost much (premium rate is how SMS are turned into somebody's income), or nobody reads there.
_MOBILE = (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE)


def read_mobile(text: str) -> str:
    """A mobile number in E.164; empty for what is none. Which country a number without + is of is not guessed."""
    try:
        number = phonenumbers.parse(text, None)
    except NumberParseException:
        return ""
    if not phonenumbers.is_valid_number(number) or phonenumbers.number_type(number) not in _MOBILE:
        return ""
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def country_of(number: str) -> str:
    """The ISO 3166-1 code of a number in E.164; empty where it is of no country."""
    try:
        code = phonenumbers.region_code_for_number(phonenumbers.parse(number, None)) or ""
    except NumberParseException:
        return ""
    # 001 is the world: satellites.
    return code if code.isalpha() else ""
