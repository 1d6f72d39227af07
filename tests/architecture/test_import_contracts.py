"""The import contracts catch what they are for."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
PLANTS = {
    "another module's models": (
        "modules/orders/logic/planted.py",
        "from modules.catalog.models import Variant",
        "Ask it through modules/<module>/service.py",
    ),
    "an upper module's service": (
        "modules/catalog/logic/planted.py",
        "from modules.orders import service",
        "modules.catalog is not allowed to import modules.orders",
    ),
    "django in contracts": (
        "modules/cart/contracts.py",
        "import django.db",
        "modules.cart.contracts is not allowed to import django",
    ),
    "rest_framework in logic": (
        "modules/cart/logic/planted.py",
        "import rest_framework.views",
        "modules.cart.logic.planted",
    ),
    "an OAuth library elsewhere": (
        "modules/users/logic/planted.py",
        "import authlib.oidc.core",
        "modules.users.logic.planted",
    ),
    "the kernel knowing a module": (
        "ecommerce/kernel/planted.py",
        "from modules.users import service",
        "ecommerce.kernel is not allowed to import modules",
    ),
    "a module's inside in the back office": (
        "ecommerce/backoffice/planted.py",
        "from modules.orders.models import Order",
        "Ask it through modules/<module>/service.py",
    ),
    "a model that calls logic": (
        "modules/orders/models.py",
        "from modules.orders.logic import tokens",
        "modules.orders.models is not allowed to import modules.orders.logic",
    ),
}


@pytest.mark.parametrize("what", PLANTS)
def test_a_planted_import_is_refused_with_guidance(what: str, tmp_path: Path) -> None:
    file, line, guidance = PLANTS[what]
    for part in ("ecommerce", "modules"):
        shutil.copytree(ROOT / part, tmp_path / part, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / ".importlinter", tmp_path)
    with (tmp_path / file).open("a") as planted:
        planted.write(f"\n{line}\n")

    lint = Path(sys.executable).with_name("lint-imports")
    result = subprocess.run([lint, "--no-cache"], cwd=tmp_path, capture_output=True, text=True, check=False)

    assert result.returncode == 1
    assert guidance in " ".join(result.stdout.split())
