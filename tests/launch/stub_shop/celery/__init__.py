"""Takes the place of Celery, which takes seconds to start: here only processes are looked at, not tasks."""
