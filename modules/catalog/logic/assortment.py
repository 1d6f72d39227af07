"""What the demonstration shop sells: departments, shelves, and what stands on each."""

from typing import NamedTuple


class Kind(NamedTuple):
    """One shelf: its name, what one thing on it is called, its picture, and what it costs (EUR) and weighs (g)."""

    shelf: str
    noun: str
    shape: str
    price: tuple[int, int]
    weight: tuple[int, int]


class Group(NamedTuple):
    """Shelves whose goods are made of the same things and differ in the same."""

    name: str
    options: dict[str, list[str]]
    materials: list[str]
    uses: list[str]
    kinds: list[Kind]


CLOTHES = {"Size": ["XS", "S", "M", "L", "XL"], "Colour": []}
SHOES = {"Size": ["37", "38", "39", "40", "41", "42", "43", "44"], "Colour": []}
COLOUR: dict[str, list[str]] = {"Colour": []}
VOLUME = {"Volume": ["250 ml", "500 ml", "750 ml", "1 l"]}
STORAGE = {"Storage": ["64 GB", "128 GB", "256 GB"], "Colour": []}
BED = {"Size": ["80 × 80", "135 × 200", "155 × 220"], "Colour": []}
PACK = {"Pack": ["single", "pair", "box of six"]}
FORMAT = {"Format": ["paperback", "hardcover"]}

# A table, kept in rows.
# fmt: off
ASSORTMENT: dict[str, list[Group]] = {
    "Women": [
        Group("Tops for her", CLOTHES, ["organic cotton", "linen", "merino wool"], ["layering", "warm evenings"], [
            Kind("Women's T-shirts", "T-Shirt", "t-shirt", (15, 39), (120, 220)),
            Kind("Women's sweaters", "Sweater", "sweater", (49, 129), (320, 620)),
            Kind("Blouses", "Blouse", "t-shirt", (35, 89), (110, 210)),
        ]),
        Group("Bottoms for her", CLOTHES, ["denim", "cotton twill", "Tencel"], ["the office", "long walks"], [
            Kind("Women's trousers", "Trousers", "trousers", (49, 119), (350, 650)),
            Kind("Skirts", "Skirt", "dress", (39, 89), (220, 420)),
            Kind("Dresses", "Dress", "dress", (59, 169), (260, 520)),
        ]),
        Group("Shoes for her", SHOES, ["full-grain leather", "suede", "canvas"], ["the city", "every day"], [
            Kind("Women's sneakers", "Sneakers", "shoe", (59, 149), (600, 950)),
            Kind("Women's boots", "Boots", "shoe", (99, 239), (900, 1600)),
        ]),
    ],
    "Men": [
        Group("Tops for him", CLOTHES, ["organic cotton", "piqué", "lambswool"], ["work", "weekends"], [
            Kind("Men's T-shirts", "T-Shirt", "t-shirt", (15, 39), (150, 260)),
            Kind("Men's sweaters", "Crew-Neck Sweater", "sweater", (49, 139), (380, 720)),
            Kind("Shirts", "Shirt", "t-shirt", (39, 99), (180, 320)),
        ]),
        Group("Bottoms for him", CLOTHES, ["selvedge denim", "cotton twill", "corduroy"], ["every day", "travel"], [
            Kind("Jeans", "Jeans", "trousers", (59, 149), (550, 850)),
            Kind("Chinos", "Chinos", "trousers", (49, 109), (420, 650)),
            Kind("Shorts", "Shorts", "trousers", (29, 69), (220, 380)),
        ]),
        Group("Shoes for him", SHOES, ["full-grain leather", "nubuck", "recycled mesh"], ["the city", "rain"], [
            Kind("Men's sneakers", "Sneakers", "shoe", (59, 159), (700, 1100)),
            Kind("Men's boots", "Chelsea Boots", "shoe", (119, 259), (1000, 1800)),
        ]),
    ],
    "Accessories": [
        Group("Bags", COLOUR, ["waxed canvas", "vegetable-tanned leather", "recycled nylon"], ["commuting", "travel"], [
            Kind("Backpacks", "Backpack", "bag", (49, 189), (600, 1400)),
            Kind("Totes", "Tote", "bag", (19, 99), (150, 600)),
            Kind("Wallets", "Wallet", "box", (25, 89), (60, 160)),
        ]),
        Group("Hats and scarves", COLOUR, ["merino wool", "cotton", "cashmere"], ["cold mornings", "sunny days"], [
            Kind("Caps", "Cap", "hat", (19, 45), (80, 140)),
            Kind("Beanies", "Beanie", "hat", (19, 59), (70, 150)),
            Kind("Scarves", "Scarf", "cushion", (29, 119), (120, 320)),
        ]),
        Group("Watches and jewellery", COLOUR, ["stainless steel", "brass", "silver"], ["every day", "a gift"], [
            Kind("Watches", "Watch", "watch", (89, 399), (60, 160)),
            Kind("Bracelets", "Bracelet", "ball", (19, 129), (20, 60)),
        ]),
    ],
    "Kitchen": [
        Group("Cooking", PACK, ["cast iron", "brushed steel", "enamelled steel"], ["slow stews", "quick suppers"], [
            Kind("Pans", "Frying Pan", "pan", (29, 149), (900, 2600)),
            Kind("Pots", "Casserole", "pan", (49, 229), (1800, 5200)),
            Kind("Knives", "Chef's Knife", "box", (29, 189), (180, 320)),
        ]),
        Group("Tableware", COLOUR, ["stoneware", "porcelain", "recycled glass"], ["breakfast", "long dinners"], [
            Kind("Mugs", "Mug", "mug", (9, 29), (280, 450)),
            Kind("Bowls", "Bowl", "pan", (12, 39), (320, 800)),
            Kind("Carafes", "Carafe", "bottle", (19, 69), (500, 1100)),
        ]),
        Group("Bottles and jars", VOLUME, ["borosilicate glass", "stainless steel"], ["the road", "the larder"], [
            Kind("Drinking bottles", "Drinking Bottle", "bottle", (15, 45), (200, 480)),
            Kind("Storage jars", "Storage Jar", "jar", (7, 29), (250, 900)),
        ]),
    ],
    "Home": [
        Group("Lighting", COLOUR, ["powder-coated steel", "opal glass", "oak"], ["reading", "soft evenings"], [
            Kind("Table lamps", "Table Lamp", "lamp", (39, 199), (1200, 3200)),
            Kind("Floor lamps", "Floor Lamp", "lamp", (89, 349), (3500, 8500)),
        ]),
        Group("Furniture", COLOUR, ["solid oak", "ash", "birch plywood"], ["the dining room", "small rooms"], [
            Kind("Chairs", "Chair", "chair", (89, 399), (4200, 9500)),
            Kind("Stools", "Stool", "chair", (49, 179), (2600, 5200)),
            Kind("Shelves", "Wall Shelf", "box", (39, 189), (2200, 7500)),
        ]),
        Group("Textiles", BED, ["washed linen", "cotton percale", "wool"], ["deep sleep", "the sofa"], [
            Kind("Cushions", "Cushion", "cushion", (19, 79), (400, 900)),
            Kind("Blankets", "Blanket", "cushion", (49, 199), (900, 2200)),
            Kind("Bed linen", "Bed Linen", "cushion", (59, 189), (900, 2100)),
        ]),
    ],
    "Electronics": [
        Group("Audio", COLOUR, ["aluminium", "recycled plastic", "walnut"], ["the train", "the kitchen"], [
            Kind("Headphones", "Headphones", "headphones", (59, 349), (180, 340)),
            Kind("Speakers", "Speaker", "speaker", (49, 449), (600, 4800)),
            Kind("Radios", "Radio", "speaker", (49, 229), (700, 2400)),
        ]),
        Group("Phones and tablets", STORAGE, ["aluminium", "titanium"], ["long days", "photographs"], [
            Kind("Phones", "Phone", "phone", (249, 999), (160, 230)),
            Kind("Tablets", "Tablet", "phone", (199, 899), (380, 680)),
            Kind("Readers", "E-Reader", "phone", (99, 299), (160, 260)),
        ]),
        Group("Small helpers", COLOUR, ["braided nylon", "recycled plastic"], ["the desk", "travel"], [
            Kind("Chargers", "Charger", "box", (15, 69), (60, 220)),
            Kind("Cables", "Cable", "box", (9, 29), (30, 90)),
        ]),
    ],
    "Outdoor": [
        Group("Camping", COLOUR, ["ripstop nylon", "polycotton", "aluminium"], ["two nights out", "high winds"], [
            Kind("Tents", "Tent", "tent", (129, 599), (1600, 5200)),
            Kind("Sleeping bags", "Sleeping Bag", "cushion", (79, 399), (700, 1900)),
            Kind("Camp kitchens", "Camp Stove", "pan", (29, 149), (250, 900)),
        ]),
        Group("Sport", COLOUR, ["natural rubber", "recycled polyester"], ["the park", "training"], [
            Kind("Balls", "Ball", "ball", (15, 69), (280, 620)),
            Kind("Yoga mats", "Yoga Mat", "cushion", (29, 109), (1100, 2600)),
            Kind("Flasks", "Flask", "bottle", (19, 49), (240, 460)),
        ]),
        Group("Garden", PACK, ["terracotta", "galvanised steel", "ash"], ["balconies", "vegetable beds"], [
            Kind("Planters", "Planter", "plant", (12, 89), (900, 5200)),
            Kind("Garden tools", "Hand Trowel", "box", (12, 49), (220, 700)),
        ]),
    ],
    "Play and read": [
        Group("Toys", COLOUR, ["beech", "organic cotton", "recycled plastic"], ["small hands", "rainy days"], [
            Kind("Soft toys", "Soft Bear", "toy", (15, 59), (150, 480)),
            Kind("Building blocks", "Building Blocks", "box", (19, 89), (500, 1900)),
            Kind("Games", "Board Game", "box", (19, 69), (600, 1800)),
        ]),
        Group("Books", FORMAT, ["recycled paper", "linen-bound paper"], ["long evenings", "a gift"], [
            Kind("Cookbooks", "Cookbook", "book", (15, 49), (500, 1400)),
            Kind("Travel guides", "Travel Guide", "book", (12, 35), (300, 700)),
            Kind("Novels", "Novel", "book", (9, 29), (200, 600)),
        ]),
        Group("Stationery", COLOUR, ["cotton paper", "brass", "beech"], ["lists", "letters"], [
            Kind("Notebooks", "Notebook", "book", (7, 35), (120, 420)),
            Kind("Pens", "Fountain Pen", "bottle", (9, 149), (15, 45)),
            Kind("Desk trays", "Desk Tray", "box", (15, 79), (300, 1200)),
        ]),
    ],
}
# fmt: on

LINES = [
    "Alder", "Arden", "Aspen", "Birk", "Bramley", "Brook", "Calder", "Cove", "Dale", "Eider", "Elm", "Fenn", "Fjord",
    "Foss", "Glen", "Harbour", "Hazel", "Heath", "Holm", "Isla", "Juniper", "Kestrel", "Kirk", "Lark", "Linden", "Loch",
    "Marlow", "Mersea", "Moor", "Nordvik", "Oak", "Orrin", "Pine", "Quay", "Reed", "Rowan", "Rye", "Saltmarsh", "Skye",
    "Sorrel", "Stave", "Tarn", "Thistle", "Tide", "Tveit", "Vale", "Wharf", "Willow", "Wren", "Yarrow",
]  # fmt: skip
FINISHES = ["Classic", "Everyday", "Light", "Heavy", "Studio", "Heritage", "Essential", "Field", "Weekend", "Signature"]
ORIGINS = ["Portugal", "Italy", "Germany", "Japan", "Denmark", "Estonia", "India", "Spain"]

OPENINGS = [
    "{article} {noun} made of {material}, for {use} and whatever comes after.",
    "Made of {material} in {origin}, this {noun} is built for {use}.",
    "We drew the {line} line for {use}: {material}, plain seams, nothing that does not have to be there.",
    "{Material} that gets better with the years, cut and finished in {origin}. Made for {use}.",
]
DETAILS = [
    "Every piece is checked by hand before it leaves the workshop.",
    "Spare parts can be had for at least ten years.",
    "The colour is taken into the material, not laid on it, so it does not chip or fade.",
    "It arrives in a cardboard box without any plastic.",
    "The makers are a family business in its third generation.",
    "Tested for a year by people who were told not to be careful.",
    "It weighs less than it looks and lasts longer than it costs.",
]
CLOSINGS = [
    "Comes with a two-year guarantee.",
    "Send it back within thirty days if it is not what you hoped for.",
    "A quiet present for somebody who has everything.",
    "Goes well with the rest of the {line} line.",
]
