"""Static files, uploads and pictures."""

from pathlib import Path

from ecommerce.media_storage import bucket, directory
from ecommerce.settings.environment import BASE_DIR, env
from ecommerce.settings.project import DEBUG

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "var" / "static"
WHITENOISE_USE_FINDERS = DEBUG
MEDIA_URL = env.media_url
MEDIA_ROOT = Path(env.media_root or BASE_DIR / "var" / "media")
STORAGES = {
    "default": bucket(
        name=env.s3_bucket,
        endpoint=env.s3_endpoint_url,
        region=env.s3_region,
        key_id=env.s3_access_key_id.get_secret_value(),
        secret_key=env.s3_secret_access_key.get_secret_value(),
    )
    if env.s3_bucket
    else directory(MEDIA_ROOT),
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
