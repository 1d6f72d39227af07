import json
import logging
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import UUID

import pytest
import structlog
from celery import Celery
from django.http import HttpResponse
from django.test import Client, RequestFactory

from ecommerce.kernel import observability
from ecommerce.kernel.identity import Principal
from ecommerce.kernel.logs import Console, SharedFile, configure_logging, mask, process_kind, render
from ecommerce.kernel.observability import RequestLog, bound, context, request_id


@pytest.fixture(autouse=True)
def tiny_shop(settings):
    settings.ROOT_URLCONF = "ecommerce.kernel.tests.rest.shop"


@pytest.fixture
def lines(capsys):
    """What was logged since, read as JSON."""

    def read() -> list[dict[str, object]]:
        captured = capsys.readouterr()
        return [json.loads(line) for line in (captured.out + captured.err).splitlines() if line.startswith("{")]

    return read


# ── the request id ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_context_goes_along_and_comes_back():
    assert (request_id(), context()) == ("", {})
    with bound({"request_id": "one"}):
        assert (request_id(), context()) == ("one", {"request_id": "one"})
        with bound({"request_id": "two"}):
            assert request_id() == "two"
        with bound(None):
            assert (request_id(), context()) == ("", {})
        assert request_id() == "one"
    assert request_id() == ""


def test_a_context_ends_also_when_the_work_fails():
    with pytest.raises(ZeroDivisionError), bound({"request_id": "one"}):
        raise ZeroDivisionError
    assert request_id() == ""


def test_threads_do_not_share_a_context():
    with bound({"request_id": "mine"}), ThreadPoolExecutor(1) as pool:
        assert pool.submit(request_id).result() == ""


def test_a_task_goes_on_under_the_request_that_asked_for_it():
    app = Celery("test", broker="memory://")
    seen = []

    @app.task(name="test.seen")
    def work() -> None:
        seen.append(request_id())

    headers: dict[str, object] = {}
    with bound({"request_id": "asked"}):
        observability._send_context(headers=headers)
    assert headers == {"shop_context": {"request_id": "asked"}}
    task = app.tasks[work.name]
    task.push_request(**headers, id="t-1")
    try:
        observability._bind_context(task_id="t-1", task=task)
        work()
        observability._unbind_context(task_id="t-1")
    finally:
        task.pop_request()
    assert (seen, request_id()) == (["asked"], "")


def test_a_task_sent_through_a_broker_carries_the_request_id():
    app = Celery("test", broker="memory://")

    @app.task(name="test.sent")
    def work() -> None: ...

    with bound({"request_id": "asked"}), app.connection_for_write() as connection:
        # A queue of its own: the memory transport is one for the whole process, and other tests leave messages in it.
        work.apply_async(connection=connection, queue="test.sent")
        message = connection.SimpleQueue("test.sent").get(timeout=1)
        message.ack()
    assert message.headers["shop_context"] == {"request_id": "asked"}


# ── log lines ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_each_request_is_one_line(lines):
    Client().get("/page/200/", HTTP_X_REQUEST_ID="r-1")
    [line] = [line for line in lines() if line["event"] == "request"]
    assert isinstance(line.pop("ms"), float)
    assert str(line.pop("timestamp")).endswith("Z")
    assert line == {
        "event": "request",
        "method": "GET",
        "route": "page/<int:status>/",
        "status": 200,
        "user_id": None,
        "request_id": "r-1",
        "level": "info",
        "logger": "shop.request",
    }


@pytest.mark.parametrize("path", ["/healthz"])
def test_the_probes_of_orchestrators_are_not_logged(lines, path):
    Client().get(path)
    assert lines() == []


def test_a_request_that_is_refused_at_the_gate_has_its_line_too(lines):
    Client().get("/page/%00/", HTTP_X_REQUEST_ID="r-1")
    [line] = [line for line in lines() if line["event"] == "request"]
    assert (line["status"], line["request_id"], line["route"]) == (400, "r-1", "unmatched")


def test_a_lazy_user_is_not_loaded_for_the_log(lines):
    from django.utils.functional import SimpleLazyObject

    request = RequestFactory().get("/page/200/")
    request.resolver_match = None
    request.user = SimpleLazyObject(lambda: pytest.fail("asked for the user"))  # type: ignore[assignment]  # as Django does
    RequestLog(lambda request: HttpResponse())(request)
    assert lines()[0]["user_id"] is None


def test_a_line_names_who_acts_as_the_user(lines):
    request = RequestFactory().get("/page/200/")
    request.resolver_match = None
    request.user = Principal(id=UUID(int=1), actor_id=UUID(int=2))  # type: ignore[assignment]  # as DRF does
    RequestLog(lambda request: HttpResponse())(request)
    [line] = lines()
    assert (line["user_id"], line["actor_id"]) == (str(UUID(int=1)), str(UUID(int=2)))


def test_our_loggers_and_the_libraries_write_the_same_lines(lines):
    with bound({"request_id": "r-1"}):
        structlog.get_logger("ours").info("did it", order="o-1", path=Path("a"))
        logging.getLogger("theirs").warning("did %s", "that")
    ours, theirs = lines()
    assert (ours["event"], ours["order"], ours["logger"], ours["request_id"]) == ("did it", "o-1", "ours", "r-1")
    assert ours["path"] == repr(Path("a"))
    assert (theirs["event"], theirs["level"], theirs["logger"]) == ("did that", "warning", "theirs")
    assert theirs["request_id"] == "r-1"


def test_exceptions_are_logged_with_their_traceback(lines):
    try:
        int("token=abc")
    except ValueError:
        logging.getLogger("theirs").exception("failed")
    [line] = lines()
    assert "Traceback" in str(line["exception"])
    assert "token=***" in str(line["exception"])
    assert "abc" not in str(line["exception"])


@pytest.mark.parametrize(
    ("given", "masked"),
    [
        ({"password": "p"}, {"password": "***"}),
        ({"Authorization": "Bearer a.b.c"}, {"Authorization": "***"}),
        (
            {"body": {"refresh": "r", "list": [{"client_secret": "s"}]}},
            {"body": {"refresh": "***", "list": [{"client_secret": "***"}]}},
        ),
        ({"email": "a@example.com"}, {"email": "***"}),
        ({"token": None}, {"token": None}),
        ({"event": "GET /api/v1/orders/1/?token=abc&x=1"}, {"event": "GET /api/v1/orders/1/?token=***&x=1"}),
        ({"event": "Authorization: Bearer abc.def"}, {"event": "Authorization: Bearer ***"}),
        ({"event": "got shop_0123456789ab_s3-cr_t in"}, {"event": "got shop_0123456789ab_*** in"}),
        ({"event": "got eyJhbGciOi.eyJzdWIi.c2ln in"}, {"event": "got eyJ*** in"}),
        ({"event": "redis://user:secret@host/1"}, {"event": "redis://user:***@host/1"}),
        ({"event": "mail to jo.doe+x@example.com failed"}, {"event": "mail to ***@example.com failed"}),
        ({"event": "Failing row contains (Ada, x).\nCONTEXT: y"}, {"event": "Failing row contains ***.\nCONTEXT: y"}),
        ({"event": "Key (a, b)=(1, Ada) already exists."}, {"event": "Key (a, b)=*** already exists."}),
        ({"event": "nothing secret: key value, tokens 3"}, {"event": "nothing secret: key value, tokens 3"}),
        ({"n": 1, "f": 1.5, "none": None}, {"n": 1, "f": 1.5, "none": None}),
    ],
)
def test_secrets_and_addresses_are_masked(given, masked):
    assert mask(None, "", given) == masked


def test_what_json_does_not_know_is_written_as_its_repr():
    assert json.loads(render(None, "", {"event": "x", "value": Path("a")})) == {"event": "x", "value": repr(Path("a"))}


@pytest.mark.parametrize(
    ("argv", "kind"),
    [
        (["/venv/bin/gunicorn", "ecommerce.wsgi"], "web"),
        (["manage.py", "runserver"], "web"),
        (["/venv/bin/celery", "-A", "ecommerce", "worker"], "worker"),
        (["/venv/lib/celery/__main__.py", "-A", "ecommerce", "worker"], "worker"),
        (["/venv/bin/celery", "-A", "ecommerce", "beat"], "beat"),
        (["manage.py", "relay"], "relay"),
        (["manage.py", "seed", "--products", "5"], "manage"),
        (["/venv/lib/gunicorn/__main__.py", "x"], "web"),
        ([""], "manage"),
        ([], "manage"),
    ],
)
def test_each_kind_of_process_has_its_file(argv, kind):
    assert process_kind(argv) == kind


# ── files ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def file_logging(tmp_path):
    handlers, level = logging.getLogger().handlers[:], logging.getLogger().level
    configure_logging({"level": "INFO", "directory": str(tmp_path / "logs")})
    yield tmp_path / "logs"
    for handler in logging.getLogger().handlers:
        if isinstance(handler, SharedFile):
            handler.close()
    logging.getLogger().handlers[:] = handlers
    logging.getLogger().setLevel(level)


def test_with_a_directory_lines_go_to_a_file_too(file_logging, lines):
    structlog.get_logger("ours").info("did it")
    [line] = [json.loads(text) for text in (file_logging / "manage.log").read_text().splitlines()]
    assert line["event"] == "did it"
    assert [line["event"] for line in lines()] == ["did it"]


def test_configuring_again_replaces_the_handlers(file_logging):
    configure_logging({"level": "INFO", "directory": str(file_logging)})
    ours = [handler for handler in logging.getLogger().handlers if isinstance(handler, Console | SharedFile)]
    assert [type(handler) for handler in ours] == [Console, SharedFile]


WRITER = """
import logging, sys
from pathlib import Path
from ecommerce.kernel.logs import SharedFile
handler = SharedFile(Path(sys.argv[1]), max_bytes=20_000, kept=50)
for n in range(500):
    handler.emit(logging.makeLogRecord({"msg": f"{sys.argv[2]}-{n}-" + "x" * 90}))
"""


def test_many_processes_write_and_rotate_one_file_without_losing_a_line(tmp_path):
    path = tmp_path / "web.log"
    environment = os.environ | {"DEBUG": "on"}
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, str(path), str(n)], env=environment) for n in range(4)]
    assert [writer.wait(60) for writer in writers] == [0] * 4
    files = sorted(tmp_path.glob("web.log*"))
    written = [line for file in files if file.suffix != ".lock" for line in file.read_text().splitlines()]
    assert len(written) == 2000
    assert len({line.rsplit("-", 1)[0] for line in written}) == 2000
    assert all(line.endswith("x" * 90) for line in written)
    assert len(files) > 5


def test_a_rotated_file_keeps_so_many_and_no_more(tmp_path):
    handler = SharedFile(tmp_path / "web.log", max_bytes=100, kept=2)
    for n in range(20):
        handler.emit(logging.makeLogRecord({"msg": f"{n}" * 60}))
    handler.close()
    assert sorted(file.name for file in tmp_path.iterdir()) == ["web.lock", "web.log", "web.log.1", "web.log.2"]


COUNTER = """
import django; django.setup()
from ecommerce.kernel import metrics
metrics.count_request("GET", "r", 200, 0.01)
text = metrics.exposition().decode()
print([line for line in text.splitlines() if line.startswith("http_requests_total{")])
"""


def test_the_processes_of_a_machine_are_counted_together(tmp_path):
    environment = os.environ | {"DEBUG": "on", "METRICS_DIR": str(tmp_path / "metrics")}
    outputs = [
        subprocess.run([sys.executable, "-c", COUNTER], env=environment, capture_output=True, text=True, check=True)
        for _ in range(2)
    ]
    assert outputs[1].stdout.strip() == """['http_requests_total{method="GET",route="r",status="200"} 2.0']"""


WORKER = """
import sys
import django; django.setup()
from ecommerce.celery import app
app.log.setup(redirect_stdouts=True)
import logging
logging.getLogger("theirs").warning("still here")
print("plain", file=sys.stdout)
"""


def test_celery_leaves_logging_and_stdout_alone():
    environment = os.environ | {"DEBUG": "on", "DJANGO_SETTINGS_MODULE": os.environ["DJANGO_SETTINGS_MODULE"]}
    done = subprocess.run([sys.executable, "-c", WORKER], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout == "plain\n"
    assert [json.loads(line)["event"] for line in done.stderr.splitlines()] == ["still here"]
