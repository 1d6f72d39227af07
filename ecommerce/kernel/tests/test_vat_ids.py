import pytest

from ecommerce.kernel.vat_ids import VatId, read_vat_id


@pytest.mark.parametrize(
    ("text", "state", "number"),
    [
        ("DE136695976", "DE", "DE136695976"),
        ("de 136 695 976", "DE", "DE136695976"),
        ("FR 40 303 265 045", "FR", "FR40303265045"),
        ("ATU13585627", "AT", "ATU13585627"),
        ("BE 0428.759.497", "BE", "BE0428759497"),
        ("EL094259216", "GR", "EL094259216"),
        ("GR 094259216", "GR", "EL094259216"),
        ("XI 432525179", "XI", "XI432525179"),
        ("GB980780684", "GB", "GB980780684"),
        ("CHE-107.787.577 IVA", "CH", "CHE107787577IVA"),
        ("NO 995525828 MVA", "NO", "NO995525828MVA"),
    ],
)
def test_a_number_is_read_however_it_is_spelled(text: str, state: str, number: str) -> None:
    assert read_vat_id(text) == VatId(state=state, number=number)


@pytest.mark.parametrize(
    "text", ["", "DE", "DE136695977", "136695976", "US123456789", "FR1", "ΕL094259216", "DE-" * 20]
)
def test_what_no_state_gives_is_none(text: str) -> None:
    assert read_vat_id(text) is None


def test_northern_ireland_is_of_the_eu_for_goods_and_great_britain_is_not() -> None:
    known = [read_vat_id(text) for text in ("XI432525179", "GB980780684", "CHE107787577IVA", "FR40303265045")]
    assert [one.is_of_the_eu for one in known if one] == [True, False, False, True]
