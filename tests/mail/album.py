"""What `make mail-screenshots` does: every letter is judged in a browser and photographed into docs/mail/."""

from pathlib import Path

from django.test import override_settings
from rich.console import Console
from rich.progress import track
from rich.table import Table

from ecommerce.kernel import clock
from tests.mail.browser import NoBrowser, Studio, save, studio
from tests.mail.letters import SHOP, Sample, samples

PICTURES = Path(__file__).resolve().parents[2] / "docs" / "mail"

console = Console()


def main() -> int:
    """1 where a letter does not look as it should, 2 where there is no browser to look with."""
    try:
        with override_settings(**SHOP), studio() as opened:
            letters = list(samples())
            found = [_look_at(opened, one) for one in track(letters, "Looking at letters", console=console)]
    except NoBrowser as missing:
        console.print(str(missing), style="red")
        return 2
    _write_index([sample for sample in letters if not sample.is_trial])
    problems = [(sample, problem) for sample, of_it in zip(letters, found, strict=True) for problem in of_it]
    _sum_up(len(letters), problems)
    return 1 if problems else 0


def _look_at(opened: Studio, sample: Sample) -> list[str]:
    problems, picture = opened.look_at(sample)
    if not sample.is_trial:
        PICTURES.mkdir(exist_ok=True)
        save(picture, PICTURES / _file(sample))
    return problems


def _file(sample: Sample) -> str:
    return f"{sample.name}.{sample.language}.png"


def _write_index(shown: list[Sample]) -> None:
    """Which picture shows what."""
    languages = sorted({sample.language for sample in shown}, key=[sample.language for sample in shown].index)
    lines = [
        "# The mails, photographed",
        "",
        f"By `make mail-screenshots` on {clock.now():%Y-%m-%d}: each on a desktop (1280 px, half its size), on a phone",
        "(390 px), and there by night. What is written in them is made up.",
        "",
        "| letter | " + " | ".join(languages) + " |",
        "| --- |" + " --- |" * len(languages),
    ]
    for name in dict.fromkeys(sample.name for sample in shown):
        of_it = [sample for sample in shown if sample.name == name]
        lines.append(f"| `{name}` | " + " | ".join(f"[{one.letter.subject}]({_file(one)})" for one in of_it) + " |")
    (PICTURES / "README.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _sum_up(count: int, problems: list[tuple[Sample, str]]) -> None:
    if problems:
        table = Table("letter", "language", "what is wrong", title="Found")
        for sample, problem in problems:
            table.add_row(sample.name, sample.language, problem)
        console.print(table)
    size = sum(file.stat().st_size for file in PICTURES.glob("*.png")) / 1e6
    style = "red" if problems else "green"
    console.print(f"{count} letters looked at, {len(problems)} problems; docs/mail: {size:.1f} MB", style=style)
