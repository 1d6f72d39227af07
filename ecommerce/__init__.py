"""The Django project: wiring only, nothing here is business."""

from ecommerce.celery import app as celery_app

__all__ = ["celery_app"]
