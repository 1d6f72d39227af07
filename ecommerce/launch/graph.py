"""`make graph`: the layers of .importlinter as a picture, with the imports that really cross them."""

import configparser
import re
import shutil
import subprocess

import grimp

from ecommerce.launch.screen import say, show
from ecommerce.launch.slot import CHECKOUT

PACKAGES = ("ecommerce", "modules")
TARGET = CHECKOUT / "var" / "graph.dot"


def graph() -> int:
    """Print the layers and who imports whom; write the same for Graphviz, and as SVG where that is installed."""
    layers = layers_of_contracts()
    arrows = imports_between([package for layer in layers for package in layer])
    show("Layers, the highest first; each with what it imports", "\n".join(lines(layers, arrows)))
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_text(dot(layers, arrows))
    program = shutil.which("dot")
    if program:
        subprocess.run([program, "-Tsvg", "-O", str(TARGET)], check=True)  # noqa: S603  (Graphviz)
    say(f"\nwrote {TARGET.relative_to(CHECKOUT)}" + (f" and {TARGET.name}.svg" if program else ""))
    return 0


def layers_of_contracts() -> list[list[str]]:
    """The packages layer by layer from the top: the whole program's contract, and inside it the modules'."""
    config = configparser.ConfigParser()
    config.read(CHECKOUT / ".importlinter")
    contracts = [config[name] for name in config.sections() if config[name].get("type") == "layers"]
    inner = {contract["containers"].strip(): contract for contract in contracts if "containers" in contract}
    program = next((contract for contract in contracts if "containers" not in contract), None)
    if program is None:
        raise RuntimeError(".importlinter has no contract of type layers over the whole program")
    pictured = []
    for layer in names(program):
        container = layer[0]
        below = (
            [[f"{container}.{name}" for name in row] for row in names(inner[container])] if container in inner else []
        )
        pictured += below or [layer]
    return pictured


def names(contract: configparser.SectionProxy) -> list[list[str]]:
    """The layers as written, one line each."""
    return [re.findall(r"[\w.]+", line) for line in contract["layers"].splitlines() if line.strip()]


def imports_between(packages: list[str]) -> dict[str, list[str]]:
    """For each package those of the others that it imports directly."""
    found = grimp.build_graph(*PACKAGES)
    # Tests may import more than what they test does.
    for tests in {name for name in found.modules if ".tests" in name}:
        found.remove_module(tests)
    known = [package for package in packages if package in found.modules]
    return {
        package: [
            other
            for other in known
            if other != package and found.direct_import_exists(importer=package, imported=other, as_packages=True)
        ]
        for package in known
    }


def lines(layers: list[list[str]], arrows: dict[str, list[str]]) -> list[str]:
    """The picture in text."""
    width = max(len(package) for layer in layers for package in layer)
    pictured = []
    for layer in layers:
        pictured += [f"{package:<{width}} → {', '.join(arrows.get(package, [])) or '·'}" for package in layer]
        pictured.append("─" * width)
    return pictured[:-1]


def dot(layers: list[list[str]], arrows: dict[str, list[str]]) -> str:
    """The picture in Graphviz's language."""
    ranks = [f"  {{ rank=same; {'; '.join(quoted(package) for package in layer)} }}" for layer in layers]
    edges = [f"  {quoted(package)} -> {quoted(other)}" for package, others in arrows.items() for other in others]
    return "\n".join(["digraph layers {", "  node [shape=box]", *ranks, *edges, "}", ""])


def quoted(package: str) -> str:
    """A name as Graphviz wants it."""
    return f'"{package}"'
