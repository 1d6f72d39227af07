"""The codes that products can be filtered by: the attributes', and those of the options that variants differ in."""

from collections.abc import Collection

from ecommerce.kernel.errors import Invalid
from modules.catalog.logic.database import fetch


class UnknownAttribute(Invalid):
    """There is no such attribute to filter by."""

    # details: attributes (the codes)
    code = "unknown_attribute"


def check_codes(codes: Collection[str]) -> None:
    """Refuse a code that is neither a filterable attribute's nor that of anything a listed product has."""
    if not codes:
        return
    known = {code for (code,) in fetch(_KNOWN, {"codes": list(codes)})}
    if unknown := sorted(set(codes) - known):
        raise UnknownAttribute(attributes=unknown)


# What products are filtered by stands among the words as O:code=Name.
_KNOWN = """
    SELECT code FROM catalog_attribute WHERE code = ANY(%(codes)s) AND is_filterable
    UNION
    SELECT asked.code FROM unnest(%(codes)s::text[]) asked (code)
    WHERE EXISTS (
        SELECT FROM catalog_searchword
        WHERE word > 'O:' || asked.code || '=' AND word < 'O:' || asked.code || '>'
    ) AND NOT EXISTS (SELECT FROM catalog_attribute hidden WHERE hidden.code = asked.code AND NOT is_filterable)
"""
