"""The fake of Twilio behaves as Twilio's documentation says."""

from collections.abc import Iterator

import httpx2
import pytest

from tests.fakes.published import misfits
from tests.fakes.twilio import Call, TwilioServer

FORM = {"To": "+4915112345678", "From": "+15550006789", "Body": "On its way"}


@pytest.fixture
def twilio() -> Iterator[TwilioServer]:
    with TwilioServer() as twilio:
        yield twilio


def post(twilio: TwilioServer, form: dict[str, str] | None = None, *, token: str = "") -> httpx2.Response:
    url = f"{twilio.base_url}/2010-04-01/Accounts/{twilio.sid}/Messages.json"
    return httpx2.post(url, data=FORM if form is None else form, auth=(twilio.sid, token or twilio.token), timeout=5)


def get(twilio: TwilioServer, path: str = "", **params: str) -> httpx2.Response:
    url = twilio.base_url + (path or f"/2010-04-01/Accounts/{twilio.sid}/Messages.json")
    return httpx2.get(url, params=params or None, auth=(twilio.sid, twilio.token), timeout=5)


def test_a_message_is_taken_and_can_be_read_again(twilio: TwilioServer) -> None:
    answer = post(twilio)
    message = answer.json()
    assert answer.status_code == 201
    assert (message["sid"][:2], len(message["sid"])) == ("SM", 34)
    told = (message["status"], message["num_segments"], message["price"], message["date_sent"], message["error_code"])
    assert told == ("queued", "1", None, None, None)
    assert (message["to"], message["from"], message["body"]) == ("+4915112345678", "+15550006789", "On its way")
    assert get(twilio, message["uri"]).json() == message
    assert misfits("twilio_messages", "form", FORM) == []
    assert misfits("twilio_messages", "message", message) == []
    assert misfits("twilio_messages", "list", get(twilio).json()) == []


def test_a_service_chooses_the_sender_later(twilio: TwilioServer) -> None:
    message = post(twilio, {"To": FORM["To"], "Body": "x", "MessagingServiceSid": "MG" + "1" * 32}).json()
    assert (message["status"], message["num_segments"], message["from"]) == ("accepted", "0", None)


def test_whoever_does_not_know_the_token_is_refused(twilio: TwilioServer) -> None:
    refused = post(twilio, token="wrong")
    assert (refused.status_code, refused.json()) == (
        401,
        {
            "code": 20003,
            "message": "Authenticate",
            "more_info": "https://www.twilio.com/docs/errors/20003",
            "status": 401,
        },
    )
    assert twilio.messages == []


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"To": "015112345678"}, 21211),
        ({"To": ""}, 21604),
        ({"From": ""}, 21603),
        ({"Body": ""}, 21602),
        ({"Body": "x" * 1601}, 21617),
    ],
)
def test_what_cannot_be_sent_is_refused_with_a_code(twilio: TwilioServer, changes: dict[str, str], code: int) -> None:
    refused = post(twilio, FORM | changes)
    assert (refused.status_code, refused.json()["code"], twilio.messages) == (400, code, [])


def test_its_list_is_filtered_and_has_pages_newest_first(twilio: TwilioServer) -> None:
    sids = [post(twilio, FORM | {"Body": str(number)}).json()["sid"] for number in range(5)]
    post(twilio, FORM | {"To": "+4915187654321"})
    page = get(twilio, To=FORM["To"], PageSize="2").json()
    found = [one["sid"] for one in page["messages"]]
    while page["next_page_uri"]:
        page = get(twilio, page["next_page_uri"]).json()
        found += [one["sid"] for one in page["messages"]]
    assert found == sids[::-1]


def test_what_was_not_sent_yet_has_no_date_to_be_found_by(twilio: TwilioServer) -> None:
    sid = post(twilio).json()["sid"]
    assert get(twilio, **{"DateSent>": "2020-01-01"}).json()["messages"] == []
    twilio.settle(sid, "delivered", price="-0.0750")
    (message,) = get(twilio, **{"DateSent>": "2020-01-01"}).json()["messages"]
    assert (message["price"], message["price_unit"], message["status"]) == ("-0.0750", "USD", "delivered")
    assert get(twilio, **{"DateSent>": "2999-01-01"}).json()["messages"] == []


def test_its_list_may_lag(twilio: TwilioServer) -> None:
    post(twilio)
    twilio.lag = 1
    assert get(twilio).json()["messages"] == []


def test_it_fails_by_command_before_it_has_taken_a_message_or_after(twilio: TwilioServer) -> None:
    twilio.answers = [429, 500, 21610, "500_after", "drop"]
    statuses = [post(twilio).status_code for _ in range(4)]
    assert (statuses, len(twilio.messages)) == ([429, 500, 400, 500], 1)
    with pytest.raises(httpx2.RemoteProtocolError):
        post(twilio)
    assert len(twilio.messages) == 2
    assert post(twilio).status_code == 201


def test_a_call_is_signed_as_its_documentation_shows() -> None:
    fields = {
        "CallSid": "CA1234567890ABCDE",
        "Caller": "+14158675309",
        "Digits": "1234",
        "From": "+14158675309",
        "To": "+18005551212",
    }
    call = Call(url="https://mycompany.com/myapp.php?foo=1&bar=2", fields=fields, token="12345")
    assert call.signature == "RSOYDt4T1cUTdK1PDd93/VVr8B8="


def test_a_status_is_told_to_the_address_that_was_asked_for(twilio: TwilioServer) -> None:
    sid = post(twilio, FORM | {"StatusCallback": "https://shop.example/told/?message_id=1"}).json()["sid"]
    twilio.settle(sid, "undelivered", error_code=30005)
    call = twilio.status_call(sid)
    assert (call.path, call.fields["MessageStatus"], call.fields["ErrorCode"]) == (
        "/told/?message_id=1",
        "undelivered",
        "30005",
    )
