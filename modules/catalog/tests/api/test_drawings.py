"""Pictures over HTTP."""

import pytest
from rest_framework.test import APIClient

DRAWINGS = "/api/v1/catalog/drawings"


def test_a_picture_is_drawn_and_kept_for_a_year():
    answer = APIClient().get(f"{DRAWINGS}/t-shirt/teal/240.svg")

    assert (answer.status_code, answer["Content-Type"]) == (200, "image/svg+xml")
    assert answer["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.content.startswith(b'<svg xmlns="http://www.w3.org/2000/svg" width="240" height="240"')


@pytest.mark.parametrize("picture", ["unicorn/teal/240", "mug/transparent/240", "mug/teal/241"])
def test_what_no_product_looks_like_is_not_there(picture):
    assert APIClient().get(f"{DRAWINGS}/{picture}.svg").status_code == 404
