"""Every part is given back to the cent, however many steps it takes."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ecommerce.kernel.money import Money
from modules.orders.logic.refund_amounts import Back, Left, of_amount, of_units

# Beside other work drawing may be slow, which says nothing of what is drawn.
patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def parts(draw: st.DrawFn) -> Left:
    amount = draw(st.integers(0, 10**9))
    return Left(units=draw(st.integers(1, 999)), amount=amount, tax=draw(st.integers(0, amount)))


def test_units_share_what_is_left() -> None:
    left = Left(units=3, amount=1000, tax=160)

    assert of_units(left, 1) == Back(amount=333, tax=53)
    assert of_units(left, 2) == Back(amount=667, tax=107)
    assert of_units(left, 3) == Back(amount=1000, tax=160)


def test_an_amount_lowers_every_price_in_proportion() -> None:
    lefts = [Left(units=1, amount=1190, tax=190), Left(units=1, amount=107, tax=7), Left(units=1, amount=0, tax=0)]

    backs = of_amount(lefts, Money(minor=648, currency="EUR"))

    # 648 of 1297: 594.54 and 53.46.
    assert backs == [Back(amount=595, tax=95), Back(amount=53, tax=3), Back(amount=0, tax=0)]


@patient
@given(left=parts(), data=st.data())
def test_steps_of_units_add_up_to_the_whole(left: Left, data: st.DataObject) -> None:
    whole, given_back = left, [Back(amount=0, tax=0)]
    while left.units:
        units = data.draw(st.integers(1, left.units))
        back = of_units(left, units)
        assert 0 <= back.tax <= back.amount <= left.amount
        assert back.tax <= left.tax
        given_back.append(back)
        left = Left(units=left.units - units, amount=left.amount - back.amount, tax=left.tax - back.tax)

    assert sum(back.amount for back in given_back) == whole.amount
    assert sum(back.tax for back in given_back) == whole.tax


@patient
@given(lefts=st.lists(parts(), min_size=1, max_size=8), data=st.data())
def test_an_amount_is_shared_to_the_cent(lefts: list[Left], data: st.DataObject) -> None:
    whole = sum(left.amount for left in lefts)
    amount = data.draw(st.integers(0, whole))

    backs = of_amount(lefts, Money(minor=amount, currency="EUR"))

    assert sum(back.amount for back in backs) == amount
    for left, back in zip(lefts, backs, strict=True):
        assert 0 <= back.amount <= left.amount
        assert 0 <= back.tax <= left.tax
        assert back.tax <= back.amount
    if amount == whole:
        assert [(back.amount, back.tax) for back in backs] == [(left.amount, left.tax) for left in lefts]
