"""Where uploads and pictures are kept: in a directory, or in a bucket that speaks S3."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

# A picture's name is made of what is in it.
IMMUTABLE = {"CacheControl": "public, max-age=31536000, immutable"}
# More than any upload has.
ONE_PUT = 64 * 1024 * 1024
# Somebody waits for an upload, so a bucket that does not answer is given up soon.
CONNECT_SECONDS, READ_SECONDS, TRIES = 2, 10, 2


def check_media_url(url: str) -> str:
    """`/media/`, which the shop serves itself, or where else the store's `pictures/` are served, with a slash at the
    end."""
    if url != "/media/" and urlsplit(url).scheme not in ("http", "https"):
        raise ValueError("give /media/ or an address that begins with https://")
    return url if url.endswith("/") else f"{url}/"


def directory(root: Path) -> dict[str, Any]:
    """Files below this directory; the same name again is the same file."""
    return {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": str(root), "allow_overwrite": True},
    }


def bucket(*, name: str, endpoint: str, region: str, key_id: str, secret_key: str) -> dict[str, Any]:
    """Objects in this bucket; without a key, as the machine's own role."""
    from boto3.s3.transfer import TransferConfig
    from botocore.config import Config

    config = Config(
        connect_timeout=CONNECT_SECONDS,
        read_timeout=READ_SECONDS,
        retries={"total_max_attempts": TRIES, "mode": "standard"},
        # A server of one's own has no name per bucket.
        s3={"addressing_style": "path" if endpoint else "auto"},
        # The newer check sums are known to Amazon's own servers, not to all that speak S3.
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
    )
    return {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": name,
            "endpoint_url": endpoint or None,
            "region_name": region or None,
            "access_key": key_id or None,
            "secret_key": secret_key or None,
            "file_overwrite": True,
            "querystring_auth": False,
            "object_parameters": IMMUTABLE,
            # In one go: of several, those would stay that were sent before somebody was killed.
            "transfer_config": TransferConfig(multipart_threshold=ONE_PUT, use_threads=False),
            "client_config": config,
        },
    }
