"""What the demonstration shop's buyers say: of one product in four, mostly content."""

from typing import NamedTuple

from modules.catalog.logic.goods import Randomness

SHARE = 0.25
MOST = 5


class DemoReview(NamedTuple):
    """A buyer's words, so many days after the product came into the shop."""

    author_name: str
    stars: int
    title: str
    body: str
    days: int


def invent_reviews(chance: Randomness) -> list[DemoReview]:
    """The reviews of one product, in no order; most products have none."""
    if chance.random() >= SHARE:
        return []
    return [_invent(chance, name) for name in chance.sample(_NAMES, chance.randint(1, MOST))]


def _invent(chance: Randomness, name: str) -> DemoReview:
    [stars] = chance.choices((5, 4, 3, 2, 1), weights=(45, 30, 13, 7, 5))
    title, body = chance.choice(_WORDS[stars])
    return DemoReview(name, stars, title, body, chance.randint(3, 120))


_NAMES = (
    "Ada L.", "Blaise", "Carl F.", "Dorothea", "Emmy N.", "Florence", "Grace H.", "Hedy", "Ida", "Johannes",
    "Katherine J.", "Leonhard", "Maria", "Niels", "Otto", "Pierre", "Rosalind", "Sofja", "Thales", "Ursula",
)  # fmt: skip
_WORDS = {
    5: (
        ("Exactly as described", "It came quickly and is just what the pictures promised."),
        ("Would buy again", "In use every day since it came, and it still looks new."),
        ("A present that was liked", "Bought for my sister, who now wants a second one."),
        ("Better than expected", "Well made, good to hold, no smell. What more does one want?"),
    ),
    4: (
        ("Good, with one wish", "Does what it should. The parcel could have been half the size."),
        ("Solid", "Nothing to complain about, though the colour is a shade darker than on my screen."),
        ("Worth it", "Not cheap, but made to last, as far as one can say after a month."),
    ),
    3: (
        ("All right", "It is fine. For the price I had hoped for a little more."),
        ("Mixed", "Looks lovely, but the instructions left me guessing."),
    ),
    2: (
        ("Not for me", "Smaller than I thought; the measures are given, so the mistake was mine too."),
        ("Came with a scratch", "It was exchanged without fuss, but it took two weeks."),
    ),
    1: (("Sent it back", "It did not work, and I had looked forward to it."),),
}
