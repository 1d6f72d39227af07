"""Tasks: their broker, how they are tried again, what beat sends."""

from ecommerce.schedule import beat_schedule
from ecommerce.settings.environment import env
from ecommerce.settings.modules import LOCAL_MODULES

CELERY_BROKER_URL = env.celery_broker_url.get_secret_value()
CELERY_RESULT_BACKEND = None
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
# Without it a task that kills its worker comes back for ever: this counts it as a retry.
CELERY_TASK_RETRY_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 900,
    "unacked_restore_interval": 10,
    "unacked_restore_throttle": 3,
    "socket_connect_timeout": 1,
    "socket_timeout": 5,
}
CELERY_TASK_PUBLISH_RETRY = False
# Never: what it would close for good, celery.py gives back to the pool.
CELERY_DB_REUSE_MAX = 2**62
CELERY_BEAT_SCHEDULE = beat_schedule(LOCAL_MODULES)
SWEEP_SECONDS = env.sweep_seconds
