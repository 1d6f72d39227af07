"""`python -m benchmarks.pictures`: what making the sizes of the largest pictures costs, in seconds and in memory.

Each in a process of its own: the most memory that it held, start of Python included. No database, no store.
"""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from PIL import Image
from rich.console import Console
from rich.table import Table

from modules.catalog.logic.image_files import check_image
from modules.catalog.logic.renditions import render

# As near to 50 megapixels as a camera's shape comes.
SIZE = (8660, 5773)


def main() -> int:
    """Measure each kind in turn and print a table."""
    table = Table("picture", "file MiB", "judged ms", "made s", "peak MiB", title="50 megapixels")
    with tempfile.TemporaryDirectory() as folder:
        for name, file in files(Path(folder)):
            told = measured(file)
            size = f"{file.stat().st_size / 2**20:.1f}"
            table.add_row(name, size, f"{told['judged'] * 1000:.0f}", f"{told['made']:.1f}", f"{told['peak']:.0f}")
    Console().print(table)
    return 0


def files(folder: Path) -> list[tuple[str, Path]]:
    """A noisy picture, written in each way that is taken."""
    noise = Image.effect_noise((SIZE[0] // 8, SIZE[1] // 8), 60).resize(SIZE).convert("RGB")
    smooth = Image.linear_gradient("L").resize(SIZE)
    seen_through = Image.merge("RGBA", [smooth, smooth.rotate(180), smooth, smooth])
    kinds: list[tuple[str, Image.Image, str, dict[str, Any]]] = [
        ("JPEG", noise, "b.jpg", {"quality": 85}),
        ("JPEG, progressive", noise, "p.jpg", {"quality": 85, "progressive": True}),
        ("JPEG, progressive, full colour", noise, "f.jpg", {"quality": 80, "progressive": True, "subsampling": 0}),
        ("JPEG, CMYK", Image.merge("CMYK", seen_through.split()), "c.jpg", {"quality": 80}),
        ("PNG, seen through", seen_through, "a.png", {"compress_level": 1}),
        ("PNG, palette", seen_through.quantize(64), "q.png", {}),
        ("WebP", noise, "w.webp", {"quality": 70, "method": 0}),
    ]
    for _, image, name, options in kinds:
        image.save(folder / name, **options)
    return [(title, folder / name) for title, _, name, _ in kinds]


def measured(file: Path) -> dict[str, float]:
    """In a process that has done nothing else."""
    answer = subprocess.run([sys.executable, "-m", __spec__.name, str(file)], check=True, capture_output=True)
    told: dict[str, float] = json.loads(answer.stdout)
    return told


def one(file: Path) -> dict[str, float]:
    """Judge and make it, here."""
    content = file.read_bytes()
    began = time.perf_counter()
    check_image(content)
    judged = time.perf_counter()
    render(content)
    made = time.perf_counter()
    return {"judged": judged - began, "made": made - judged, "peak": peak()}


def peak() -> float:
    """The most that this process held; getrusage would tell its parent's, where that was more."""
    lines = Path("/proc/self/status").read_text().splitlines()
    kilobytes = next(line for line in lines if line.startswith("VmHWM")).split()[1]
    return int(kilobytes) / 1024


if __name__ == "__main__":
    if sys.argv[1:]:
        print(json.dumps(one(Path(sys.argv[1]))))
    else:
        sys.exit(main())
