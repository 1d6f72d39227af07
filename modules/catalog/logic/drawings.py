"""Pictures drawn by code, for a demonstration shop that has no photographs: the same address, the same picture."""

from html import escape

from ecommerce.kernel.errors import NotFound

SIZES = {"small": 240, "medium": 480, "large": 1080}

COLOURS = {
    "black": "#23252b",
    "white": "#f4f1ea",
    "grey": "#8d939e",
    "navy": "#26375e",
    "blue": "#3f73c8",
    "teal": "#2b8a87",
    "green": "#4d8a4f",
    "olive": "#77763a",
    "yellow": "#e3b23c",
    "orange": "#d9772e",
    "red": "#c23b3b",
    "burgundy": "#752b3e",
    "pink": "#dd8fa5",
    "lilac": "#9a86c2",
    "brown": "#7b5537",
    "sand": "#cdb892",
}

# On a field of 120 by 120: what is filled with the colour, and what is drawn over it in shade.
SHAPES = {
    "t-shirt": ("M40 30 22 42l8 18 9-4v36h42V56l9 4 8-18-18-12c-3 8-37 8-40 0z", "M40 30c3 8 37 8 40 0"),
    "sweater": (
        "M42 28 24 38l-4 48h12l5-30v36h46V56l5 30h12l-4-48-18-10c-4 8-32 8-36 0z",
        "M37 86h46M42 28c4 8 32 8 36 0",
    ),
    "trousers": ("M42 24h36l8 74H68l-8-50-8 50H34z", "M42 34h36M60 34v14"),
    "dress": ("M48 22h4c2 8 14 8 16 0h4l4 30 18 46H26l18-46z", "M44 52h32"),
    "shoe": ("M20 56c12 6 20 2 26-8 8 14 20 18 44 22 10 2 12 8 12 16H20z", "M20 78h82M52 56l8-6M58 62l8-6"),
    "bag": ("M30 46h60l6 52H24z", "M44 46c0-28 32-28 32 0"),
    "hat": ("M40 66c0-34 40-34 40 0 12 2 24 6 24 12H16c0-6 12-10 24-12z", "M40 66c12 5 28 5 40 0"),
    "watch": ("M48 20h24l3 20H45zM48 100h24l3-20H45zM60 38a22 22 0 1 0 0 44 22 22 0 0 0 0-44z", "M60 48v12l8 6"),
    "mug": ("M32 36h46v50c0 8-46 8-46 0z", "M78 46c20-4 20 30 0 26"),
    "bottle": ("M52 18h16v16l8 12v52c0 4-32 4-32 0V46l8-12z", "M44 60h32M52 24h16"),
    "pan": ("M20 52h58c0 34-58 34-58 0z", "M78 54h30"),
    "lamp": ("M44 24h32l16 36H28z", "M60 60v34M44 96h32"),
    "chair": ("M38 22h8v36h32V22h8v76h-8V68H46v30h-8z", "M46 34h32M46 46h32"),
    "cushion": ("M28 32c20 6 44 6 64 0-6 20-6 36 0 56-20-6-44-6-64 0 6-20 6-36 0-56z", "M44 60h32M60 44v32"),
    "book": ("M34 22h50v72H34c-6 0-6 6 0 6h50", "M42 22v72M54 40h20M54 48h14"),
    "box": ("M24 44l36-16 36 16v38L60 98 24 82z", "M24 44l36 16 36-16M60 60v38"),
    "headphones": ("M26 66c0-48 68-48 68 0v26H80V66h6c0-36-52-36-52 0h6v26H26z", "M40 66v26M80 66v26"),
    "phone": ("M42 18h36c3 0 4 1 4 4v76c0 3-1 4-4 4H42c-3 0-4-1-4-4V22c0-3 1-4 4-4z", "M38 30h44M38 88h44"),
    "speaker": ("M40 20h40v80H40z", "M60 60a12 12 0 1 0 .1 0M60 32a5 5 0 1 0 .1 0"),
    "ball": ("M60 26a34 34 0 1 0 0 68 34 34 0 0 0 0-68z", "M26 60c24-12 44-12 68 0M60 26c-12 24-12 44 0 68"),
    "tent": ("M60 26 104 94H16z", "M60 26 74 94M60 26 46 94"),
    "plant": ("M44 70h32l-4 28H48z", "M60 70V38M60 52c-22 0-22-20-22-20s22-2 22 20M60 46c20 0 20-20 20-20s-20 0-20 20"),
    "jar": ("M40 34h40c6 4 6 8 6 14v44c0 6-52 6-52 0V48c0-6 0-10 6-14z", "M42 24h36v10H42zM36 58h48v20H36z"),
    "toy": (
        "M36 44a10 10 0 1 1 14-12h20a10 10 0 1 1 14 12c8 24 6 50-24 50S28 68 36 44z",
        "M48 54v2M72 54v2M54 68c4 5 8 5 12 0",
    ),
}


def draw(*, shape: str, colour: str, size: int) -> str:
    """An SVG picture; refuses shapes, colours and sizes that no product has."""
    if shape not in SHAPES or colour not in COLOURS or size not in SIZES.values():
        raise NotFound("There is no such picture.")
    body, lines = SHAPES[shape]
    return _SVG.format(size=size, label=escape(f"{colour} {shape}"), fill=COLOURS[colour], body=body, lines=lines)


def picture(shape: str, colour: str, alt: str) -> dict[str, object]:
    """The image document that a product keeps of a drawing."""
    sizes: dict[str, object] = {
        name: {"url": f"/api/v1/catalog/drawings/{shape}/{colour}/{size}.svg", "width": size, "height": size}
        for name, size in SIZES.items()
    }
    return sizes | {"alt": alt}


_SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="{size}" height="{size}" viewBox="0 0 120 120" role="img"'
    ' aria-label="{label}"><rect width="120" height="120" fill="#ece8e1"/>'
    '<ellipse cx="60" cy="103" rx="42" ry="5" fill="#d8d2c7"/>'
    '<path d="{body}" fill="{fill}" stroke="#1d1f24" stroke-width="2" stroke-linejoin="round"/>'
    '<path d="{lines}" fill="none" stroke="#1d1f24" stroke-width="2" stroke-linecap="round" opacity=".7"/></svg>'
)
