"""Logs and metrics."""

from ecommerce.settings.environment import env

LOG_DIR = env.log_dir
LOG_LEVEL = env.log_level
LOGGING_CONFIG = "ecommerce.kernel.observability.configure_logging"
LOGGING = {"level": LOG_LEVEL, "directory": LOG_DIR}
METRICS_DIR = env.metrics_dir
