"""`make lock`: the exact versions of everything we install."""

import subprocess
import sys

from ecommerce.launch.screen import say
from ecommerce.launch.slot import CHECKOUT

# Only names, versions and hashes come out: where packages come from is the installing machine's business.
OPTIONS = ["--universal", "--python-version=3.11", "--generate-hashes", "--no-emit-index-url", "--no-header", "--quiet"]
# Base first: the others take its versions.
FILES: dict[str, list[str]] = {"base": [], "embedded": ["--constraint=requirements/base.txt"], "dev": []}


def lock(arguments: list[str]) -> int:
    """Lock each requirements/*.in into its .txt; what is locked stays as it is, unless `--upgrade` is given."""
    for name, extra in FILES.items():
        files = [f"requirements/{name}.in", f"--output-file=requirements/{name}.txt", *extra]
        command = [sys.executable, "-m", "uv", "pip", "compile", *OPTIONS, *files, *arguments]
        subprocess.run(command, cwd=CHECKOUT, check=True, stdout=subprocess.DEVNULL)  # noqa: S603  (our own command)
        say(f"locked requirements/{name}.txt")
    return 0
