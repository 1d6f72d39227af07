import ipaddress
import socket
import ssl
import time

import pytest

from modules.notifications.logic.channels import public_network
from modules.notifications.logic.channels.public_network import Unreachable, UrlNotAllowed
from tests.fakes.paypal.certificates import Authority
from tests.fakes.webhook_receiver import WebhookReceiver


@pytest.fixture
def names(monkeypatch):
    """What names mean, in place of the network's DNS."""
    meant: dict[str, list[str]] = {}
    real = socket.getaddrinfo

    def look_up(host, port, *args, **options):
        if host not in meant:
            return real(host, port, *args, **options)
        found = [address for text in meant[host] for address in real(text, port, *args, **options)]
        if not found:
            raise socket.gaierror(socket.EAI_NONAME, "unknown")
        return found

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return meant


@pytest.fixture
def receiver(settings):
    settings.DEBUG = True
    settings.WEBHOOK_ALLOWED_NETWORKS = [ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1")]
    with WebhookReceiver() as running:
        yield running


def post(url):
    return public_network.post(url, b"{}", {"Content-Type": "application/json"})


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f.1",
        "0.0.0.0",  # noqa: S104  (refused)
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "100.64.0.1",
        "169.254.169.254",
        "192.0.0.8",
        "198.18.0.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "localhost",
        "[::]",
        "[::1]",
        "[fe80::1]",
        "[fc00::1]",
        "[fec0::1]",
        "[ff02::1]",
        "[::ffff:10.0.0.1]",
        "[64:ff9b::a00:1]",
        "[2002:a00:1::1]",
        "[2001:db8::1]",
    ],
)
def test_an_address_inside_the_private_network_is_refused(host):
    with pytest.raises(UrlNotAllowed):
        public_network.require_allowed(f"https://{host}/hook")


@pytest.mark.parametrize("host", ["93.184.215.14", "[2606:2800:21f:cb07:6820:80da:af6b:8b2c]", "[64:ff9b::5db8:d70e]"])
def test_an_address_in_the_public_network_is_allowed(host):
    public_network.require_allowed(f"https://{host}:8443/hook?a=b")


@pytest.mark.parametrize(
    "url",
    [
        "http://93.184.215.14/",
        "ftp://93.184.215.14/",
        "file:///etc/passwd",
        "//93.184.215.14/",
        "93.184.215.14",
        "https://",
        "https:///path",
        "https://user@93.184.215.14/",
        "https://user:secret@93.184.215.14/",
        "https://93.184.215.14/#part",
        "https://93.184.215.14:99999/",
        "https://[::1/",
        "https://exa mple.com/",
        "",
    ],
)
def test_what_is_no_plain_https_address_is_refused(url):
    with pytest.raises(UrlNotAllowed):
        public_network.require_allowed(url)


def test_http_is_allowed_in_development(settings):
    settings.DEBUG = True
    public_network.require_allowed("http://93.184.215.14/")


def test_a_name_is_judged_by_all_that_it_means(names):
    names["good.example"] = ["93.184.215.14", "93.184.215.15"]
    names["mixed.example"] = ["93.184.215.14", "10.0.0.1"]
    public_network.require_allowed("https://good.example/")
    with pytest.raises(UrlNotAllowed):
        public_network.require_allowed("https://mixed.example/")


def test_a_name_that_cannot_be_looked_up_now_is_judged_when_it_is_called(names):
    names["later.example"] = []
    public_network.require_allowed("https://later.example/")
    public_network.require_allowed(f"https://{'a' * 64}.example/")
    with pytest.raises(Unreachable) as refusal:
        post("https://later.example/")
    assert refusal.value.code == "name_unknown"
    names["later.example"] = ["10.0.0.1"]
    with pytest.raises(Unreachable) as refusal:
        post("https://later.example/")
    assert refusal.value.code == "address_not_allowed"


def test_what_is_called_is_the_address_that_was_judged(receiver, names, settings):
    """DNS rebinding: asked a second time, the name would mean this machine."""
    settings.WEBHOOK_ALLOWED_NETWORKS = []
    port = receiver.url.split(":")[2].split("/")[0]
    names["rebinding.example"] = ["93.184.215.14"]
    public_network.require_allowed(f"http://rebinding.example:{port}/")
    names["rebinding.example"] = ["127.0.0.1"]
    with pytest.raises(Unreachable) as refusal:
        post(f"http://rebinding.example:{port}/")
    assert (refusal.value.code, receiver.received) == ("address_not_allowed", [])


def test_names_are_looked_up_once_for_a_call(receiver, names, monkeypatch):
    port = receiver.url.split(":")[2].split("/")[0]
    names["once.example"] = ["127.0.0.1"]
    asked, look_up = [], socket.getaddrinfo

    def noted(host, *args, **options):
        asked.append(host)
        return look_up(host, *args, **options)

    monkeypatch.setattr(socket, "getaddrinfo", noted)
    assert post(f"http://once.example:{port}/").status == 204
    assert asked.count("once.example") == 1
    assert receiver.received[0].headers["host"] == f"once.example:{port}"


def test_an_address_that_does_not_answer_is_followed_by_the_next(receiver, names):
    port = receiver.url.split(":")[2].split("/")[0]
    names["two.example"] = ["::1", "127.0.0.1"]
    assert post(f"http://two.example:{port}/").status == 204


def test_redirects_are_not_followed(receiver):
    receiver.answers = [307]
    assert post(receiver.url).status == 307
    assert len(receiver.received) == 1


def test_proxies_of_the_environment_are_not_used(receiver, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    assert post(receiver.url).status == 204


def test_only_the_beginning_of_an_answer_is_read(receiver):
    receiver.answers, receiver.answer_body = [200], b"x\0y" + b"z" * 1_000_000
    assert post(receiver.url).text == "xy" + "z" * 497


@pytest.mark.parametrize(("how", "code"), [("drop", "no_answer"), ("hang", "timeout"), ("drip", "timeout")])
def test_an_answer_that_does_not_come_is_not_waited_for(receiver, monkeypatch, how, code):
    monkeypatch.setattr(public_network, "SECONDS", 0.5)
    receiver.answers = [how]
    started = time.monotonic()
    with pytest.raises(Unreachable) as failure:
        post(receiver.url)
    assert failure.value.code == code
    assert time.monotonic() - started < 5


def test_nobody_at_the_address_is_told_as_such(receiver):
    with pytest.raises(Unreachable) as failure:
        post("http://127.0.0.1:1/")
    assert failure.value.code == "connection_failed"


@pytest.fixture
def authority(monkeypatch, tmp_path):
    """An authority whose certificates are trusted."""
    made = Authority()
    (tmp_path / "ca.pem").write_bytes(made.pem)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    public_network._certificates.cache_clear()
    yield made
    public_network._certificates.cache_clear()


def tls_of(authority, name, tmp_path):
    signer = authority.signer(name)
    file = tmp_path / f"{name}.pem"
    file.write_bytes(signer.key_pem + signer.pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


@pytest.mark.parametrize(("certified", "taken"), [("hooks.example", True), ("other.example", False)])
def test_the_certificate_has_to_be_the_names(receiver, names, authority, tmp_path, certified, taken):
    names["hooks.example"] = ["127.0.0.1"]
    with WebhookReceiver(host="hooks.example", tls=tls_of(authority, certified, tmp_path)) as safe:
        if taken:
            assert post(safe.url).status == 204
            return
        with pytest.raises(Unreachable) as failure:
            post(safe.url)
        assert (failure.value.code, safe.received) == ("connection_failed", [])
