"""The three sizes of a picture: upright, in sRGB, as WebP, with nothing in them but pixels."""

import pytest
from PIL import Image, ImageCms

from modules.catalog.logic import image_files
from modules.catalog.logic.image_files import BrokenImage, ImageTooLarge
from modules.catalog.logic.renditions import render
from modules.catalog.tests.pictures import (
    BLUE,
    RED,
    chunks,
    file_of,
    halves,
    jpeg,
    near,
    opened,
    photograph,
    picture,
    pixel,
)

BARE = {"VP8 ", "VP8L", "VP8X", "ALPH"}


def test_a_picture_is_made_into_three_sizes_that_keep_its_shape():
    made = render(jpeg((3000, 1500)))

    assert {name: one[1:] for name, one in made.items()} == {
        "small": (320, 160),
        "medium": (800, 400),
        "large": (1600, 800),
    }
    for one in made.values():
        file = opened(one.content)
        assert (file.format, file.size) == ("WEBP", (one.width, one.height))


def test_a_tall_one_is_bounded_by_its_height():
    assert render(jpeg((100, 3200)))["large"][1:] == (50, 1600)


@pytest.mark.parametrize(("size", "large"), [((1, 1), (1, 1)), ((500, 20), (500, 20)), ((16_000, 1), (1600, 1))])
def test_none_is_enlarged_and_none_vanishes(size, large):
    assert render(jpeg(size))["large"][1:] == large


def test_of_a_small_one_all_sizes_are_the_same_file():
    assert len({one.content for one in render(jpeg((200, 100))).values()}) == 1


def test_the_same_bytes_give_the_same_files():
    assert render(photograph()) == render(photograph())


def test_nothing_is_kept_but_pixels():
    content = photograph()
    assert all(part in content for part in (b"Exif", b"Ada Lovelace", b"ICC_PROFILE", b"<script>"))

    for one in render(content).values():
        assert set(chunks(one.content)) <= BARE
        assert not any(part in one.content for part in (b"Exif", b"Ada", b"<script>", b"GPS"))
        file = opened(one.content)
        assert (dict(file.getexif()), file.info.get("icc_profile")) == ({}, None)


def test_words_and_notes_in_a_png_and_a_webp_are_not_kept():
    exif = Image.Exif()
    exif[0x010E] = "At home"
    png = file_of(halves(), "PNG", exif=exif)
    webp = file_of(halves(), "WEBP", exif=exif, xmp=b"<x:xmpmeta/>")

    for content in (png, webp):
        assert b"At home" in content
        assert set(chunks(render(content)["large"].content)) <= BARE


# Which corner of what the camera saw (red left, blue right) is up and left in the file, and what is red when it is
# held right: a pixel on the left, right, top or bottom.
@pytest.mark.parametrize(
    ("orientation", "size", "red"),
    [
        (1, (200, 100), (10, 50)),
        (2, (200, 100), (190, 50)),
        (3, (200, 100), (190, 50)),
        (4, (200, 100), (10, 50)),
        (5, (100, 200), (50, 10)),
        (6, (100, 200), (50, 10)),
        (7, (100, 200), (50, 190)),
        (8, (100, 200), (50, 190)),
    ],
)
def test_a_picture_stands_as_the_camera_was_held(orientation, size, red):
    large = render(photograph(orientation))["large"]
    blue = (size[0] - red[0], size[1] - red[1]) if red[0] != size[0] // 2 else (red[0], size[1] - red[1])

    file = opened(large.content).convert("RGB")
    assert (large.width, large.height) == file.size == size
    assert near(file.getpixel(red), RED)
    assert near(file.getpixel(blue), BLUE)


def test_a_note_of_that_which_cannot_be_read_is_no_reason_to_refuse():
    broken = file_of(halves(), "JPEG", exif=b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\xff\xff\xff\xff\0\0\0\0")

    assert render(broken)["large"][1:] == (200, 100)


def test_what_is_seen_through_stays_so():
    seen_through = picture(mode="RGBA", colour=(200, 30, 30, 0))
    seen_through.paste((200, 30, 30, 255), (32, 0, 64, 48))

    for content in (file_of(seen_through, "PNG"), file_of(seen_through, "WEBP", lossless=True)):
        file = opened(render(content)["large"].content)
        assert file.mode == "RGBA"
        assert (pixel(file, (4, 24))[3], pixel(file, (60, 24))[3]) == (0, 255)
        assert near(file.getpixel((60, 24)), (*RED, 255))


def test_a_colour_that_stands_for_nothing_is_seen_through():
    palette = halves((64, 48)).quantize(4)
    content = file_of(palette, "PNG", transparency=palette.getpixel((2, 2)))

    file = opened(render(content)["large"].content)
    assert (pixel(file, (4, 24))[3], pixel(file, (60, 24))[3]) == (0, 255)


@pytest.mark.parametrize(
    "content",
    [
        file_of(picture(mode="CMYK", colour=(0, 255, 255, 0)), "JPEG"),
        file_of(picture(colour=(255, 0, 0)).quantize(8), "PNG"),
        file_of(picture(colour=(255, 0, 0)), "WEBP"),
    ],
    ids=["cmyk", "palette", "webp"],
)
def test_red_is_red_however_it_is_written(content):
    assert near(opened(render(content)["large"].content).convert("RGB").getpixel((20, 20)), (254, 0, 0))


@pytest.mark.parametrize(
    ("mode", "value"),
    [("L", 128), ("1", 255), ("I;16", 128 * 256), ("LA", (128, 255))],
    ids=["eight bits", "one bit", "sixteen bits", "with alpha"],
)
def test_grey_is_grey_with_however_many_bits(mode, value):
    content = file_of(picture(mode=mode, colour=value), "PNG")

    shown = 255 if mode == "1" else 128
    assert near(opened(render(content)["large"].content).convert("RGB").getpixel((20, 20)), (shown,) * 3, by=3)


def test_sixteen_bits_are_divided_not_cut_off():
    image = Image.new("I;16", (256, 1))
    image.putdata([value * 256 for value in range(256)])

    line = opened(render(file_of(image, "PNG"))["large"].content).convert("L")
    assert [near([line.getpixel((x, 0))], (x,), by=10) for x in (20, 100, 180, 240)] == [True] * 4


def test_colours_of_another_profile_are_converted():
    plain = file_of(picture(), "PNG", icc_profile=wide_profile())

    # The same numbers mean stronger colours in a wider space.
    shown = pixel(opened(render(plain)["large"].content).convert("RGB"), (20, 20))
    assert shown[0] > RED[0] + 10


@pytest.mark.parametrize("profile", [b"no profile", b"\0" * 200], ids=["words", "zeros"])
def test_a_profile_that_is_none_is_left_aside(profile):
    content = file_of(picture(), "PNG", icc_profile=profile)

    assert near(opened(render(content)["large"].content).convert("RGB").getpixel((20, 20)), RED)


def test_of_one_that_moves_the_first_moment_is_taken():
    content = file_of(picture(), "WEBP", save_all=True, append_images=[picture(colour=BLUE)], lossless=True)

    assert chunks(content).count("ANMF") == 2
    assert near(opened(render(content)["large"].content).convert("RGB").getpixel((20, 20)), RED)


def test_what_is_damaged_further_in_is_found_out():
    content = file_of(picture((400, 400)), "PNG", compress_level=0)
    at = content.index(b"IDAT") + 1000
    cut_off = content[:at]

    with pytest.raises(BrokenImage):
        render(cut_off)
    with pytest.raises(BrokenImage):
        render(jpeg((400, 400))[:-400])


def test_too_many_pixels_are_refused_here_too(monkeypatch):
    monkeypatch.setattr(image_files, "MOST_PIXELS", 100)

    with pytest.raises(ImageTooLarge):
        render(jpeg((11, 10)))


def wide_profile() -> bytes:
    """sRGB's own curves and white, with the red primary further out: the first numbers of its column made larger."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    count = int.from_bytes(profile[128:132], "big")
    for tag in range(count):
        at = 132 + 12 * tag
        if profile[at : at + 4] == b"rXYZ":
            place = int.from_bytes(profile[at + 4 : at + 8], "big") + 8
            x = int.from_bytes(profile[place : place + 4], "big")
            profile[place : place + 4] = int(x * 1.3).to_bytes(4, "big")
    return bytes(profile)
