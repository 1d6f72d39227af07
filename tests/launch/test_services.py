"""The embedded PostgreSQL and Redis: started, killed, started again, side by side; in a path with a space."""

import os
import shutil
import signal

from ecommerce.launch.slot import Slot, holder

WRITE = """
import os, psycopg
with psycopg.connect(os.environ["DATABASE_URL"]) as database:
    database.execute("CREATE TABLE IF NOT EXISTS kept (word text)")
    database.execute("INSERT INTO kept VALUES ('word')")
"""
READ = """
import os, psycopg
with psycopg.connect(os.environ["DATABASE_URL"]) as database:
    print(database.execute("SELECT count(*) FROM kept").fetchone()[0])
"""


def data_directory(checkout, slot):
    home = checkout.shop.root_store if os.getuid() == 0 else checkout.path / "var"
    return home / slot / "postgres"


def started(checkout, slot: str = "test"):
    """A command in the background, once its servers are up."""
    process = checkout.start("exec", "--", "sleep", "300")
    checkout.until(lambda: process.poll() is not None or "environment" in (holder(Slot(checkout.path, slot)) or {}))
    assert process.poll() is None, process.communicate()
    return process


def test_a_command_finds_both_servers(checkout):
    answer = checkout.python(
        "import os, psycopg, redis\n"
        "with psycopg.connect(os.environ['DATABASE_URL']) as database:\n"
        "    print(database.execute(\"SELECT lower('ÄÖÜ'), current_setting('max_connections')\").fetchone())\n"
        "for name in ('REDIS_URL', 'CELERY_BROKER_URL'):\n"
        "    server = redis.Redis.from_url(os.environ[name])\n"
        "    print(server.ping(), server.connection_pool.connection_kwargs['db'])\n"
        "print(os.environ['DEBUG'])"
    )
    assert answer.splitlines() == ["('äöü', '300')", "True 0", "True 1", "on"]


def test_redis_asks_for_its_password(checkout):
    answer = checkout.python(
        "import os, redis, redis.backoff, redis.retry\n"
        "from urllib.parse import urlsplit\n"
        "NEVER = redis.retry.Retry(redis.backoff.NoBackoff(), 0)\n"
        "try:\n"
        "    redis.Redis(port=urlsplit(os.environ['REDIS_URL']).port, retry=NEVER).ping()\n"
        "except redis.AuthenticationError:\n"
        "    print('refused')"
    )
    assert answer == "refused"


def test_the_exit_code_is_the_commands(checkout):
    assert checkout.run("exec", "--", "sh", "-c", "exit 7").returncode == 7


def test_servers_that_the_environment_names_are_not_started(checkout):
    done = checkout.run(
        "exec", "--", "sh", "-c", "echo $DATABASE_URL $CELERY_BROKER_URL",
        DATABASE_URL="postgresql://there", REDIS_URL="redis://there:1/0",
    )  # fmt: skip
    assert done.stdout.split() == ["postgresql://there", "redis://there:1/1"]
    assert "PostgreSQL" not in done.stderr


def test_a_signal_ends_the_command_and_the_servers(checkout):
    process = started(checkout)
    process.terminate()
    assert process.wait(15) == 128 + signal.SIGTERM
    checkout.until(lambda: not checkout.processes(), 1)


def test_killing_the_launcher_leaves_nothing(checkout):
    process = started(checkout)
    process.kill()
    checkout.until(lambda: not checkout.processes(), 10)


def test_data_outlive_the_killing_of_everything(checkout):
    checkout.python(WRITE)
    before = int(checkout.python(READ))
    process = started(checkout)
    postmaster = int((data_directory(checkout, "test") / "postmaster.pid").read_text().split()[0])
    os.kill(postmaster, signal.SIGKILL)
    process.kill()
    assert int(checkout.python(READ)) == before


def test_a_stale_pid_file_whose_pid_lives_on_is_no_obstacle(checkout):
    checkout.python("")
    stale = data_directory(checkout, "test") / "postmaster.pid"
    stale.write_text(f"{os.getpid()}\n{stale.parent}\n")
    checkout.python("")


def test_a_half_made_cluster_is_made_anew(checkout):
    checkout.python("")
    data = data_directory(checkout, "test")
    unfinished = data.with_name("postgres.unfinished")
    data.rename(unfinished)
    (unfinished / "PG_VERSION").unlink()
    checkout.python(WRITE)
    assert not unfinished.exists()


def test_old_test_data_of_another_version_make_room(checkout):
    checkout.python("")
    (data_directory(checkout, "test") / "PG_VERSION").write_text("9\n")
    checkout.python("")


def test_two_runs_at_once_have_servers_of_their_own(checkout):
    process = started(checkout)
    there = (holder(Slot(checkout.path, "test")) or {})["environment"]["DATABASE_URL"]
    here = checkout.python("import os; print(os.environ['DATABASE_URL'])")
    assert here != there
    assert process.poll() is None


def test_a_second_checkout_runs_beside_the_first(checkout, tmp_path):
    second = type(checkout)(tmp_path / "another checkout")
    shutil.copytree(checkout.path, second.path, ignore=shutil.ignore_patterns("var"))
    process = started(checkout)
    second.python(WRITE)
    assert process.poll() is None
    second.run("clean")
