"""A file of products as the body of a request, as `curl --data-binary @products.csv` sends it."""

from collections.abc import Mapping
from typing import IO, Any

from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.exceptions import UnsupportedMediaType
from rest_framework.parsers import BaseParser


class CsvParser(BaseParser):
    """CSV, as a form would have it in its field `file`."""

    media_type = "text/csv"
    file_name = "products.csv"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> dict[str, SimpleUploadedFile]:
        request = (parser_context or {})["request"]
        if request.META.get("HTTP_CONTENT_ENCODING", "identity") not in ("", "identity"):
            raise UnsupportedMediaType(media_type or "", detail="Compressed bodies are not read.")
        return {"file": SimpleUploadedFile(self.file_name, stream.read())}


class JsonLinesParser(CsvParser):
    """JSON lines, likewise."""

    media_type = "application/x-ndjson"
    file_name = "products.jsonl"
