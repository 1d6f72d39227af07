"""Pictures in a bucket: against a server that speaks S3, and when it does not answer any more."""

import io
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import boto3
import httpx2
import pytest
import time_machine
from django.conf import settings as django_settings
from moto.server import ThreadedMotoServer
from rest_framework.test import APIClient

from ecommerce.kernel import clock
from ecommerce.kernel.errors import Unavailable
from ecommerce.media_storage import bucket
from modules.catalog import tasks
from modules.catalog.logic import media, product_images
from modules.catalog.models import Product, ProductImage
from modules.catalog.tests.api.test_images import upload
from modules.catalog.tests.factories import make_product
from modules.catalog.tests.pictures import add, add_ready, jpeg

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("invariants_hold")]

KEY = {"aws_access_key_id": "test", "aws_secret_access_key": "test", "region_name": "eu-central-1"}
LATER = timedelta(hours=1, seconds=1)


class Bucket:
    """A server with one bucket; it can be stopped, and started again on the same port with what it had."""

    def __init__(self) -> None:
        self._server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        self._server.start()
        host, self._port = self._server.get_host_and_port()
        self.endpoint = f"http://{host}:{self._port}"
        # All servers of one process have the same objects.
        httpx2.post(f"{self.endpoint}/moto-api/reset").raise_for_status()
        self._client = boto3.client("s3", endpoint_url=self.endpoint, **KEY)  # type: ignore[call-overload]  # keywords
        self._client.create_bucket(Bucket="shop", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})

    def stop(self) -> None:
        self._server.stop()

    def start(self) -> None:
        self._server = ThreadedMotoServer(ip_address="127.0.0.1", port=self._port, verbose=False)
        self._server.start()

    def names(self) -> list[str]:
        return sorted(one["Key"] for one in self._client.list_objects_v2(Bucket="shop").get("Contents", []))

    def head(self, name: str) -> Any:
        return self._client.head_object(Bucket="shop", Key=name)


@pytest.fixture
def s3(settings: Any) -> Iterator[Bucket]:
    server = Bucket()
    store = bucket(name="shop", endpoint=server.endpoint, region="eu-central-1", key_id="test", secret_key="test")
    settings.STORAGES = django_settings.STORAGES | {"default": store}
    yield server
    server.stop()


@pytest.fixture
def product() -> Product:
    return make_product(slug="tee", title="Tee", images=[])


def test_a_picture_is_kept_in_the_bucket_and_its_upload_is_not(s3, product):
    waiting = add(product, jpeg((1000, 1000)))
    assert s3.names() == [waiting.original] == [f"originals/{waiting.id.hex[-2:]}/{waiting.id}"]

    tasks.make_due_renditions()
    with time_machine.travel(clock.now() + LATER):
        tasks.delete_files()

    image = ProductImage.objects.get()
    assert s3.names() == sorted(media.name_of(size["url"]) for size in image.renditions.values())
    head = s3.head(s3.names()[0])
    assert (head["ContentType"], head["CacheControl"]) == ("image/webp", "public, max-age=31536000, immutable")


def test_a_picture_is_served_by_the_shop_or_by_whoever_stands_before_the_bucket(s3, product, settings):
    add_ready(product)

    address = images(product)[0]["large"]["url"]
    assert address.startswith("http://localhost:8000/media/")
    answer = APIClient().get(address.removeprefix("http://localhost:8000"))
    assert (answer.status_code, answer["Content-Type"], answer.content[8:12]) == (200, "image/webp", b"WEBP")

    settings.MEDIA_URL = "https://cdn.example.com/pictures/"
    assert images(product)[0]["large"]["url"] == address.replace(
        "http://localhost:8000/media/", "https://cdn.example.com/pictures/"
    )


def test_what_is_removed_leaves_the_bucket(s3, product):
    image = add_ready(product)
    product_images.remove_image(image_id=image.id)

    with time_machine.travel(clock.now() + LATER):
        tasks.delete_files()

    assert s3.names() == []


def test_while_the_bucket_does_not_answer_uploads_are_refused_and_pictures_wait(s3, product):
    image = add(product)
    s3.stop()

    answer = upload(product, jpeg())
    assert (answer.status_code, answer.json()["code"], answer.json()["dependency"]) == (503, "unavailable", "media")
    assert int(answer["Retry-After"]) > 0
    tasks.make_renditions(str(image.id))
    waiting = ProductImage.objects.get()
    assert (waiting.id, waiting.state, waiting.attempts) == (image.id, "waiting", 1)

    s3.start()
    with time_machine.travel(clock.now() + timedelta(minutes=2)):
        tasks.make_due_renditions()
    assert ProductImage.objects.get().state == "ready"


def test_a_picture_of_a_bucket_that_does_not_answer_is_a_503(s3, product):
    add_ready(product)
    path = images(product)[0]["small"]["url"].removeprefix("http://localhost:8000")
    s3.stop()

    answer = APIClient().get(path)

    assert (answer.status_code, answer.json()["dependency"]) == (503, "media")
    s3.start()


def test_a_bucket_that_is_not_there_is_no_store(s3, product, settings):
    options = bucket(name="other", endpoint=s3.endpoint, region="eu-central-1", key_id="test", secret_key="test")
    settings.STORAGES = django_settings.STORAGES | {"default": options}

    with pytest.raises(Unavailable):
        product_images.add_image(product_id=product.id, file=io.BytesIO(jpeg()))
    assert ProductImage.objects.count() == 0


def images(product: Product) -> Any:
    return APIClient().get(f"/api/v1/catalog/products/{product.slug}/").json()["images"]
