import pytest

THINGS = "/api/v1/carts/things/"


@pytest.mark.parametrize("tags", ['"3"', "*", '"2", "3"', '"3" , W/"9"'])
def test_a_change_based_on_the_present_version_is_taken(client, tags):
    answer = client.patch(THINGS, HTTP_IF_MATCH=tags)
    assert (answer.status_code, answer["ETag"]) == (200, '"4"')


def test_a_change_without_if_match_is_taken(client):
    assert client.patch(THINGS).status_code == 200


@pytest.mark.parametrize("tags", ['"2"', 'W/"3"', "3", "", '"3', "garbage"])
def test_a_change_based_on_another_version_is_refused(client, tags):
    answer = client.patch(THINGS, HTTP_IF_MATCH=tags)
    assert (answer.status_code, answer.json()["code"], answer.json()["version"]) == (412, "precondition_failed", 3)


def test_a_read_carries_a_weak_etag_and_is_304_when_nothing_changed(client):
    answer = client.get(THINGS)
    assert answer["ETag"].startswith('W/"')
    assert answer.json() == {"price": {"amount": "19.90", "currency": "EUR"}}
    again = client.get(THINGS, HTTP_IF_NONE_MATCH=f'"other", {answer["ETag"]}')
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", answer["ETag"])
    assert again["Cache-Control"] == "public, no-cache"
    assert "Content-Type" not in again


@pytest.mark.parametrize("tags", ['"other"', "", "garbage"])
def test_a_read_of_another_version_is_answered(client, tags):
    assert client.get(THINGS, HTTP_IF_NONE_MATCH=tags).status_code == 200
