"""Chance that nobody can foresee."""

from ecommerce.kernel import chance


def test_symbols_are_all_of_the_alphabet_and_nothing_else() -> None:
    drawn = chance.symbols("ACE29", 1000)

    # That one of them is missing happens once in 10 ** 96 times.
    assert (len(drawn), set(drawn)) == (1000, set("ACE29"))
    assert chance.symbols("ACE29", 1000) != drawn
