"""The shapes that providers have published of their APIs, to judge by them what our servers take and answer.

`schemas/` holds them without the providers' words; each file names its source.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

SCHEMAS = Path(__file__).parent / "schemas"


def misfits(name: str, part: str, document: Any) -> list[str]:
    """What does not fit the published shape, a sentence each; also fields that it does not know."""
    validator = _validator(name, part)
    found = [f"{'.'.join(map(str, error.path))}: {error.message}" for error in validator.iter_errors(document)]
    known = validator.schema["properties"]
    return found + [f"{field}: unknown" for field in document if field not in known]


@cache
def _validator(name: str, part: str) -> Any:
    return Draft202012Validator(in_file(name)[part])


@cache
def in_file(name: str) -> dict[str, Any]:
    """All parts of a file."""
    parts: dict[str, Any] = json.loads((SCHEMAS / f"{name}.json").read_text())
    return parts
