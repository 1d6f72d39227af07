"""`python -m tests.mail`: what `make mail-screenshots` calls."""

import os
import sys

import django


def main() -> int:
    """In a Django of development; album.py does the rest."""
    os.environ.setdefault("DEBUG", "on")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ecommerce.settings")
    django.setup()
    from tests.mail import album

    return album.main()


if __name__ == "__main__":
    sys.exit(main())
