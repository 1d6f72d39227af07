"""What is a picture and what only says so, told by the bytes, before anything is kept."""

import struct
import zlib
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from modules.catalog.logic import image_files
from modules.catalog.logic.image_files import BrokenImage, ImageTooLarge, UnsupportedImage, check_image
from modules.catalog.logic.renditions import render
from modules.catalog.tests.pictures import file_of, jpeg, photograph, picture

WHOLE = {
    "jpeg": jpeg(),
    "jpeg with a page in it": photograph(),
    "progressive jpeg": jpeg(progressive=True),
    "jpeg with something behind it": jpeg() + b"\0" * 100,
    "png": file_of(picture(), "PNG"),
    "webp": file_of(picture(), "WEBP"),
    "animated webp": file_of(picture(), "WEBP", save_all=True, append_images=[picture(colour=(0, 0, 0))]),
    "one pixel": jpeg((1, 1)),
}
NO_PICTURES = {
    "nothing": b"",
    "one byte": b"\xff",
    "a page": b"<!doctype html><script>alert(1)</script>",
    "a drawing": b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
    "a gif": file_of(picture(), "GIF"),
    "a bitmap": file_of(picture(), "BMP"),
    "a tiff": file_of(picture(), "TIFF"),
    "a pdf": file_of(picture(), "PDF"),
    "the beginning of a jpeg": jpeg()[:4],
    "the beginning of a png": file_of(picture(), "PNG")[:12],
    "a page that begins like a jpeg": b"\xff\xd8\xff<html>",
}


@pytest.mark.parametrize("name", WHOLE)
def test_pictures_are_taken(name):
    check_image(WHOLE[name])


@pytest.mark.parametrize("name", NO_PICTURES)
def test_what_is_none_is_refused(name):
    with pytest.raises(UnsupportedImage):
        check_image(NO_PICTURES[name])


@pytest.mark.parametrize("name", ["jpeg", "progressive jpeg", "png", "webp", "animated webp"])
def test_one_that_ends_too_early_is_refused(name):
    content = WHOLE[name]

    for length in (len(content) // 2, len(content) - 10):
        with pytest.raises(BrokenImage):
            check_image(content[:length])


def test_the_end_of_a_thumbnail_in_the_header_is_not_the_end_of_the_picture():
    content = photograph()
    thumbnail = b"\xff\xe1" + struct.pack(">H", 2 + 4) + b"\xff\xd8\xff\xd9"
    cut_off = content[:2] + thumbnail + content[2:-10]

    check_image(content[:2] + thumbnail + content[2:])
    with pytest.raises(BrokenImage):
        check_image(cut_off)


def test_a_jpeg_that_is_told_in_a_thousand_goes_is_refused():
    """Each costs a walk over all pixels."""
    content = WHOLE["progressive jpeg"]
    last = content.rindex(b"\xff\xda")
    goes = content[last:-2]

    check_image(content[:-2] + goes * 50 + content[-2:])
    with pytest.raises(BrokenImage):
        check_image(content[:-2] + goes * 1000 + content[-2:])


def test_a_damaged_piece_of_a_png_is_refused():
    content = bytearray(WHOLE["png"])
    content[content.index(b"IDAT") + 6] ^= 0xFF

    with pytest.raises(BrokenImage):
        check_image(bytes(content))


def test_fifty_megapixels_are_taken_and_one_more_is_not(monkeypatch):
    monkeypatch.setattr(image_files, "MOST_PIXELS", 64 * 48)

    check_image(jpeg((64, 48)))
    with pytest.raises(ImageTooLarge) as refused:
        check_image(jpeg((64, 49)))
    assert refused.value.details == {"most_pixels": 64 * 48}


@pytest.mark.parametrize(
    ("width", "height"), [(7072, 7072), (10_000, 10_000), (60_000, 60_000), (2**31 - 1, 2**31 - 1)]
)
def test_a_small_file_that_would_unfold_to_more_than_that_is_refused(width, height):
    with pytest.raises(ImageTooLarge):
        check_image(png_that_says(width, height))


def test_a_moving_picture_of_one_pixel_on_a_huge_canvas_is_refused():
    frame = file_of(picture((1, 1)), "WEBP")[12:]
    canvas = struct.pack("<I", 0x02) + (16_382).to_bytes(3, "little") * 2
    moment = bytes(6 + 3 + 3) + (100).to_bytes(3, "little") + b"\0" + frame
    parts = _part(b"VP8X", canvas) + _part(b"ANIM", bytes(6)) + _part(b"ANMF", moment)

    with pytest.raises(ImageTooLarge):
        check_image(b"RIFF" + struct.pack("<I", 4 + len(parts)) + b"WEBP" + parts)


def test_fifty_megapixels_by_what_the_header_says_are_taken():
    check_image(png_that_says(10_000, 5_000))


def test_a_text_that_would_unfold_to_gigabytes_is_refused():
    text = b"zTXt" + b"Comment\0\0" + zlib.compress(b"0" * 70_000_000, 9)
    content = WHOLE["png"]
    with_text = content[:33] + _piece(text) + content[33:]

    assert len(with_text) < 100_000
    with pytest.raises(BrokenImage):
        check_image(with_text)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(sorted(WHOLE)), st.lists(st.tuples(st.integers(0, 2000), st.binary(max_size=3)), min_size=1))
def test_whatever_bytes_are_changed_it_is_a_picture_or_refused(name, changes):
    content = bytearray(WHOLE[name])
    for at, instead in changes:
        content[at % len(content) : at % len(content) + 2] = instead or b"\xff"

    for act in (check_image, render):
        with suppress(UnsupportedImage, BrokenImage, ImageTooLarge):
            act(bytes(content))


def png_that_says(width: int, height: int) -> bytes:
    """A few bytes that claim to be that large."""
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = b"IDAT" + zlib.compress(b"\0")
    return b"\x89PNG\r\n\x1a\n" + b"".join(_piece(piece) for piece in (header, pixels, b"IEND"))


def _part(name: bytes, content: bytes) -> bytes:
    return name + struct.pack("<I", len(content)) + content + b"\0" * (len(content) % 2)


def _piece(content: bytes) -> bytes:
    return struct.pack(">I", len(content) - 4) + content + struct.pack(">I", zlib.crc32(content))
