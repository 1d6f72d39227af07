"""What RequestGate does with each request."""

from io import BytesIO

import pytest

ANY = "/api/v1/any/"
MIB = 1024 * 1024


@pytest.mark.parametrize("given", ["a", "A.b_c-1", "x" * 128])
def test_a_fitting_request_id_is_taken_and_echoed(client, given):
    assert client.get("/healthz", HTTP_X_REQUEST_ID=given)["X-Request-ID"] == given


@pytest.mark.parametrize("given", ["", "x" * 129, "a b", "ä", "a\n", "a;b", "<script>"])
def test_a_request_id_that_does_not_fit_is_replaced(client, given):
    made = client.get("/healthz", HTTP_X_REQUEST_ID=given)["X-Request-ID"]
    assert made != given
    assert len(made) == 36


@pytest.mark.django_db
def test_the_request_id_is_known_inside_and_gone_afterwards(client):
    from ecommerce.kernel.observability import request_id

    answer = client.get("/api/v1/query/?q=a", HTTP_X_REQUEST_ID="mine")
    assert answer.json() == {"q": "a", "request_id": "mine"}
    assert request_id() == ""


def test_each_request_has_its_own_request_id(client):
    assert client.get("/healthz")["X-Request-ID"] != client.get("/healthz")["X-Request-ID"]


@pytest.mark.parametrize("path", ["/api/v1/query/?q=%00", "/api/v1/%00/", "/page/%00/"])
def test_a_nul_in_the_address_is_a_400(client, path):
    answer = client.get(path)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")


@pytest.mark.django_db
@pytest.mark.parametrize("q", ["%ff", "%ed%a0%80", "%F0%9F%98%80", "%25", "%", "a=b=c", "%u0000", "%0a%0d%09"])
def test_odd_bytes_in_the_query_are_no_server_error(client, q):
    assert client.get(f"/api/v1/query/?q={q}").status_code == 200


def test_a_body_of_one_mebibyte_is_taken_and_one_byte_more_is_413(client):
    body = b'"' + b"x" * (MIB - 2) + b'"'
    assert client.post(ANY, body, content_type="application/json").status_code == 200
    answer = client.post(ANY, body + b" ", content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")


def test_uploads_may_have_ten_mebibytes(client):
    form = "multipart/form-data; boundary=x"
    assert client.generic("POST", ANY, b"", content_type=form, CONTENT_LENGTH=str(10 * MIB)).status_code == 415
    assert client.generic("POST", ANY, b"", content_type=form, CONTENT_LENGTH=str(10 * MIB + 1)).status_code == 413


def chunked(client, body: bytes, *, terminated: bool = True, content_type: str = "application/json"):
    """A request as gunicorn hands it over: no Content-Length, the input ends by itself."""
    extra = {"HTTP_TRANSFER_ENCODING": "chunked", "CONTENT_LENGTH": "", "wsgi.input": BytesIO(body)}
    if terminated:
        extra["wsgi.input_terminated"] = True
    return client.generic("POST", ANY, b"", content_type=content_type, **extra)


def test_a_chunked_body_is_read(client):
    assert chunked(client, b'{"a": 1}').json() == {"got": {"a": 1}}


def test_a_chunked_body_above_the_limit_is_413_and_read_no_further(client):
    class Endless(BytesIO):
        asked: list[int] = []

        def read(self, size: int | None = -1) -> bytes:
            self.asked.append(size or 0)
            return b"x" * (size or 0)

    extra = {"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input": Endless(), "wsgi.input_terminated": True}
    answer = client.generic("POST", ANY, b"", content_type="application/json", **extra)
    assert answer.status_code == 413
    assert Endless.asked == [MIB + 1]


def test_a_chunked_body_that_does_not_end_by_itself_is_411(client):
    assert chunked(client, b"{}", terminated=False).json()["code"] == "length_required"


def test_a_chunked_body_that_breaks_off_is_400(client):
    class Broken(BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            raise OSError("chunk without end")

    extra = {"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input": Broken(), "wsgi.input_terminated": True}
    assert client.generic("POST", ANY, b"", content_type="application/json", **extra).status_code == 400


@pytest.mark.parametrize("length", ["-1", "abc", "0", "", "9" * 5000])
def test_a_content_length_that_lies_is_no_server_error(client, length):
    answer = client.generic("POST", ANY, b'{"a": 1}', content_type="application/json", CONTENT_LENGTH=length)
    assert answer.status_code in (200, 400, 413)


def test_a_client_that_hangs_up_is_400(client):
    class Gone(BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            raise OSError("connection reset")

    extra = {"CONTENT_LENGTH": "8", "wsgi.input": Gone()}
    assert client.generic("POST", ANY, b"", content_type="application/json", **extra).status_code == 400


def test_answers_of_the_api_are_not_stored_unless_they_say_so(client):
    assert client.post(ANY, {}, format="json")["Cache-Control"] == "no-store"
    assert client.get("/api/v1/carts/things/")["Cache-Control"] == "public, no-cache"
    assert "Cache-Control" not in client.get("/page/200/")


def test_a_shop_in_the_browser_may_send_every_header_of_the_api(client, settings):
    settings.CORS_ALLOWED_ORIGINS = ["https://shop.example"]
    asked = {
        "Origin": "https://shop.example",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type,idempotency-key",
    }

    answer = client.options("/api/v1/checkout/", headers=asked)

    allowed = set(answer["Access-Control-Allow-Headers"].split(", "))
    assert answer["Access-Control-Allow-Origin"] == "https://shop.example"
    assert allowed >= {
        "authorization",
        "content-type",
        "idempotency-key",
        "if-match",
        "if-none-match",
        "x-request-id",
    }
