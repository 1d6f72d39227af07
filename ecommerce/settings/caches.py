"""The cache in Redis, which holds carts too; the broker has another database (celery.py)."""

from ecommerce.settings.environment import env

CACHES = {
    "default": {
        "BACKEND": "django_redis.cache.RedisCache",
        "LOCATION": env.redis_url.get_secret_value(),
        "KEY_PREFIX": "shop",
        "OPTIONS": {"SOCKET_CONNECT_TIMEOUT": 1, "SOCKET_TIMEOUT": 5},
    }
}
# How many seconds a public answer is kept at most, should nothing that it shows change; 0 keeps none.
KEEP_ANSWERS = env.keep_answers
