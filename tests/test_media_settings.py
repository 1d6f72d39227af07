"""Where pictures are kept, as operators write it: every mistake is found when the shop starts."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from ecommerce.media_storage import bucket, directory
from ecommerce.settings import MAX_UPLOAD_BYTES, Environment

SECRETS = dict.fromkeys(("secret_key", "internal_keys", "jwt_key_encryption_key", "sandbox_webhook_secret"), "secret")


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("/media/", "/media/"),
        ("https://cdn.example.com/pictures", "https://cdn.example.com/pictures/"),
        ("http://localhost:9000/shop/pictures/", "http://localhost:9000/shop/pictures/"),
    ],
)
def test_pictures_are_at_the_shop_or_at_an_address_of_their_own(given, used):
    assert Environment.model_validate(SECRETS | {"media_url": given}).media_url == used


@pytest.mark.parametrize("given", ["/pictures/", "media/", "cdn.example.com", "ftp://cdn.example.com/"])
def test_anything_else_is_refused(given):
    with pytest.raises(ValidationError, match="media_url"):
        Environment.model_validate(SECRETS | {"media_url": given})


def test_without_a_key_the_bucket_is_opened_as_the_machines_own_role():
    options = bucket(name="shop", endpoint="", region="", key_id="", secret_key="")["OPTIONS"]

    nothing = {name: options[name] for name in ("endpoint_url", "region_name", "access_key", "secret_key")}
    assert set(nothing.values()) == {None}
    assert (options["bucket_name"], options["querystring_auth"], options["file_overwrite"]) == ("shop", False, True)


def test_a_bucket_that_does_not_answer_is_given_up_soon():
    config = bucket(name="shop", endpoint="http://minio:9000", region="", key_id="a", secret_key="b")["OPTIONS"][
        "client_config"
    ]

    assert (config.connect_timeout, config.read_timeout, config.retries["total_max_attempts"]) == (2, 10, 2)


def test_an_upload_goes_to_the_bucket_in_one_piece():
    options = bucket(name="shop", endpoint="", region="", key_id="", secret_key="")["OPTIONS"]

    assert options["transfer_config"].multipart_threshold > MAX_UPLOAD_BYTES


def test_a_directory_keeps_one_file_of_each_name():
    assert directory(Path("/srv/media"))["OPTIONS"] == {"location": "/srv/media", "allow_overwrite": True}
