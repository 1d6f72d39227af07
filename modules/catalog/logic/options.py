"""What a product's variants differ in: each variant names exactly the product's options."""

from collections.abc import Iterable, Mapping, Sequence

from modules.catalog.logic.complaints import complaint


def check_names(names: Sequence[str]) -> None:
    """Refuse (400) an option named twice, in whatever letters."""
    if len({name.casefold() for name in names}) < len(names):
        raise complaint("options", "duplicate_option", "An option is named twice.")


def check_variant(names: Sequence[str], options: Mapping[str, str], *, field: str = "options") -> None:
    """Refuse (400) a variant that does not name exactly these options."""
    if set(names) != set(options):
        raise complaint(field, "options_differ", f"Give a value for each of: {', '.join(names) or 'nothing'}.")


def check_product(names: Iterable[str], variants: Iterable[Mapping[str, str]]) -> None:
    """Refuse (400) options that the product's variants do not name."""
    if any(set(names) != set(options) for options in variants):
        raise complaint("options", "variants_do_not_fit", "The product's variants have other options.")
