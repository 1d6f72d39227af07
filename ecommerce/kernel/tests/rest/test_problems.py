import pytest

from ecommerce.kernel.tests.rest.conftest import bearer

JSON = "application/problem+json"


def test_a_refusal_becomes_a_problem_document_with_its_details(client):
    answer = client.get("/api/v1/errors/conflict/", HTTP_X_REQUEST_ID="abc-1")
    assert answer.status_code == 409
    assert answer["Content-Type"] == JSON
    assert answer.json() == {
        "type": "urn:problem-type:shop:out_of_stock",
        "title": "Out of stock",
        "status": 409,
        "detail": "Some lines ask for more than is left.",
        "instance": "/api/v1/errors/conflict/",
        "code": "out_of_stock",
        "request_id": "abc-1",
        "lines": [{"sku": "A", "available": 2}],
    }


def test_details_never_replace_the_members_of_the_document(client):
    answer = client.get("/api/v1/errors/reserved/").json()
    assert (answer["status"], answer["code"], answer["detail"], answer["extra"]) == (409, "conflict", "Words.", 1)


@pytest.mark.parametrize(("kind", "status", "code"), [("missing", 404, "not_found"), ("forbidden", 403, "forbidden")])
def test_the_kernels_refusals_have_their_status(client, kind, status, code):
    answer = client.get(f"/api/v1/errors/{kind}/")
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert "Retry-After" not in answer


def test_what_is_unavailable_says_when_to_come_again(client):
    answer = client.get("/api/v1/errors/unavailable/")
    assert (answer.status_code, answer["Retry-After"]) == (503, "7")
    assert (answer.json()["code"], answer.json()["dependency"]) == ("unavailable", "catalog")


@pytest.mark.parametrize("where", ["/api/v1/errors", "/api/v1/plain", "/internal/plain", "/plain"])
@pytest.mark.parametrize("dependency", ["database", "redis", "broker"])
def test_a_dependency_that_is_down_is_a_503_that_names_it(client, where, dependency):
    answer = client.get(f"{where}/{dependency}/")
    assert (answer.status_code, answer["Content-Type"], answer["Retry-After"]) == (503, JSON, "5")
    assert answer.json()["dependency"] == dependency
    assert "refused" not in answer.content.decode()


@pytest.mark.parametrize("debug", [True, False])
@pytest.mark.parametrize("where", ["/api/v1/errors", "/api/v1/plain", "/internal/plain"])
def test_a_mistake_of_ours_is_a_500_without_details(client, settings, where, debug):
    settings.DEBUG = debug
    answer = client.get(f"{where}/mistake/")
    assert (answer.status_code, answer["Content-Type"], answer.json()["code"]) == (500, JSON, "server_error")
    assert "secret detail" not in answer.content.decode()
    assert "Zero" not in answer.content.decode()


def test_addresses_that_cannot_be_loaded_are_a_500_problem(client, settings):
    settings.ROOT_URLCONF = "no.such.module"
    answer = client.get("/api/v1/orders/events/")
    assert (answer.status_code, answer["Content-Type"], answer.json()["code"]) == (500, JSON, "server_error")


def test_a_mistake_of_ours_is_logged_with_its_traceback_once(client, caplog):
    client.get("/api/v1/errors/mistake/")
    records = [record for record in caplog.records if "unhandled exception" in str(record.msg)]
    assert len(records) == 1
    assert "ZeroDivisionError" in str(records[0].msg)


@pytest.mark.parametrize("debug", [True, False])
@pytest.mark.parametrize("path", ["/api/v1/nothing/", "/api/nothing", "/internal/nothing/", "/api/v1/orders/events"])
def test_an_unknown_address_is_a_404_problem_also_in_debug(client, settings, path, debug):
    settings.DEBUG = debug
    answer = client.get(path)
    assert (answer.status_code, answer["Content-Type"], answer.json()["code"]) == (404, JSON, "not_found")


@pytest.mark.parametrize("debug", [True, False])
def test_an_unknown_host_is_a_400_problem(client, settings, debug):
    settings.DEBUG = debug
    answer = client.get("/api/v1/orders/events/", HTTP_HOST="evil.example")
    assert (answer.status_code, answer["Content-Type"], answer.json()["code"]) == (400, JSON, "invalid")


def test_a_method_that_does_not_exist_is_a_405_problem_with_allow(client):
    answer = client.delete("/api/v1/orders/baskets/")
    assert (answer.status_code, answer["Content-Type"], answer.json()["code"]) == (405, JSON, "method_not_allowed")
    assert answer["Allow"] == "POST, OPTIONS"


def test_an_html_error_under_the_api_becomes_a_problem_and_elsewhere_stays(client):
    assert client.get("/api/v1/page/403/").json()["code"] == "forbidden"
    assert client.get("/api/v1/page/200/").content == b"<h1>page</h1>"
    assert client.get("/page/403/").content == b"<h1>page</h1>"


def test_an_answer_format_that_we_do_not_have_is_a_406_problem(client):
    answer = client.get("/api/v1/orders/things/", HTTP_ACCEPT="text/html")
    assert answer["Content-Type"] == JSON
    answer = client.get("/api/v1/errors/missing/", HTTP_ACCEPT="application/xml")
    assert (answer.status_code, answer["Content-Type"], answer.json()["code"]) == (406, JSON, "not_acceptable")


# ── authentication, then permission, then validation ─────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("path", ["/api/v1/orders/baskets/", "/api/v1/users/me/", "/api/v1/catalog/products/"])
@pytest.mark.parametrize("header", ["Bearer wrong", "Bearer", "Bearer ", "Basic YTpi", "", "Bearer \xff"])
def test_a_bad_token_is_401_everywhere_before_validation(client, tokens, path, header):
    answer = client.post(path, {"unknown": 1}, HTTP_AUTHORIZATION=header)
    assert (answer.status_code, answer.json()["code"]) == (401, "invalid_token")
    assert answer["WWW-Authenticate"] == 'Bearer realm="api", error="invalid_token"'


@pytest.mark.parametrize("path", ["/api/v1/users/me/", "/api/v1/catalog/products/", "/api/v1/catalog/categories/"])
def test_nobody_is_asked_to_sign_in_before_validation(client, tokens, path):
    answer = client.post(path, {"unknown": 1})
    assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")
    assert answer["WWW-Authenticate"] == 'Bearer realm="api"'


@pytest.mark.parametrize(
    ("path", "token"),
    [("products", "caller"), ("categories", "caller"), ("categories", "staff")],
)
def test_who_may_not_is_told_403_before_validation(client, tokens, path, token):
    answer = client.post(f"/api/v1/catalog/{path}/", {"unknown": 1}, **bearer(token))
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")


@pytest.mark.parametrize(("path", "token"), [("products", "staff"), ("categories", "writer")])
def test_who_may_reaches_validation(client, tokens, path, token):
    answer = client.post(f"/api/v1/catalog/{path}/", {"unknown": 1}, **bearer(token))
    assert (answer.status_code, answer.json()["code"]) == (400, "unknown_field")
