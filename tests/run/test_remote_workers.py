"""Workers on other hosts, as far as one machine can play several: other directories, another environment, a socket."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from conftest import needs_xdist

from .conftest import until

pytestmark = needs_xdist

SUITE = """
    import os, sys, time
    import pytest

    @pytest.fixture(autouse=True)
    def where(record_property):
        record_property("cwd", os.getcwd())
        record_property("aws", ",".join(name for name in os.environ if name.startswith("AWS_")))
        record_property("boto3", "boto3" in sys.modules)

    @pytest.mark.parametrize("n", range(6))
    def test_phone(devicefarm_session, devicefarm_device, n):
        assert devicefarm_session.status == "RUNNING" and devicefarm_device.name
        time.sleep(0.5)  # so that there is work left when the second session comes
    def test_free(): pass
    def test_fails(devicefarm_session): assert 0
"""


class Host:
    """What another host is to xdist: execnet's socket server, in a directory and an environment of its own."""

    def __init__(self, home: Path, site: str) -> None:
        from execnet.script import socketserver

        home.mkdir()
        self.home = home
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.address = f"127.0.0.1:{free.getsockname()[1]}"
        with (home / "server.txt").open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, socketserver.__file__, self.address],
                cwd=home,
                env={"PATH": os.environ["PATH"], "HOME": str(home), "PYTHONPATH": site},
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        assert until(self._listens), (home / "server.txt").read_text()

    @property
    def tx(self) -> str:
        return f"--tx=socket={self.address}//chdir={self.home}/work"

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()

    def _listens(self) -> bool:
        """Looked up, not tried: the server takes what connects for a controller."""
        port = f":{int(self.address.rpartition(':')[2]):04X} "
        return any(port in line and " 0A " in line for line in Path("/proc/net/tcp").read_text().splitlines())


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Callable[[], Host]]:
    """Start hosts; they end with the test."""
    if not Path("/proc/net/tcp").exists():
        pytest.skip("whether execnet's socket server listens is read from /proc")
    started: list[Host] = []

    def start() -> Host:
        started.append(Host(tmp_path / f"host{len(started)}", os.environ.get("PYTHONPATH", "")))
        return started[-1]

    yield start
    for each in started:
        each.stop()


def said(run, test: str, name: str) -> str | None:
    return next((each.get("value") for each in run.testcases[test].iter("property") if each.get("name") == name), None)


@pytest.mark.parametrize("count", [1, 2])
def test_socket_workers_run_the_suite(background, farm, pytester, host, count):
    """No AWS variable there, another directory, files by rsync: each test runs and says its device."""
    server = farm()
    pytester.mkdir("suite")
    pytester.makepyfile(**{"suite/test_it": SUITE})
    hosts = [host() for _ in range(count)]
    suite = str(pytester.path / "suite")
    run = background(
        f"--devicefarm-device={count}*platform=IOS",
        *(each.tx for each in hosts),
        "--dist=load",
        "--rsyncdir",
        suite,
        suite,
        against=server,
    )
    assert run.end() == 1, run.output
    assert sorted(run.outcomes) == ["failed"] + ["passed"] * 7, run.output
    created = {each["arn"] for each in server.created}
    assert len(created) == count
    assert {said(run, f"test_phone[{n}]", "devicefarm.session.arn") for n in range(6)} == created
    homes = {str(each.home / "work") for each in hosts}
    for test in run.testcases:
        assert said(run, test, "cwd") in homes
        assert said(run, test, "aws") == ""
        assert said(run, test, "boto3") == "False"
    assert "AWS Device Farm: Apple iPhone" in (run.testcases["test_fails"].findtext("system-out") or "")
    assert server.running == []


@pytest.mark.parametrize("lost", ["skip", "replace"])
def test_a_loss_there(background, farm, pytester, host, lost):
    """The controller answers what a worker there asks about its session."""
    server = farm()
    pytester.mkdir("suite")
    pytester.makepyfile(
        **{
            "suite/test_it": """
            import os, pytest

            def test_dies(devicefarm_session):
                if not os.path.exists("died"):
                    open("died", "w").close()
                    while not os.path.exists("go on"): pass
                    assert 0
            def test_later(devicefarm_session): pass
            """
        }
    )
    there, suite = host(), str(pytester.path / "suite")
    run = background(
        "--devicefarm-device=platform=IOS",
        f"--devicefarm-lost={lost}",
        there.tx,
        "--dist=load",
        "--rsyncdir",
        suite,
        suite,
        against=server,
    )
    assert until(lambda: (there.home / "work" / "died").exists()), run.output
    server.stop(server.created[0]["arn"])
    (there.home / "work" / "go on").touch()
    assert run.end() == (0 if lost == "replace" else 69), run.output
    assert sorted(run.outcomes) == (["passed", "passed"] if lost == "replace" else ["failed", "skipped"])


@pytest.mark.parametrize("tx", [("--tx=popen",), ("--tx=2*popen",), ("--tx=popen", "--tx=popen//id=second")])
def test_popen(background, farm, pytester, tx):
    """The forms of --tx that start processes here."""
    server = farm()
    pytester.makepyfile(test_it=SUITE)
    run = background("--devicefarm-device=2*platform=IOS", *tx, "--dist=load", against=server)
    assert run.end() == 1, run.output
    assert sorted(run.outcomes) == ["failed"] + ["passed"] * 7, run.output
    assert server.running == []


def test_ssh(background, farm, pytester):
    """--tx ssh=localhost, where this machine lets itself in."""
    if shutil.which("ssh") is None or _ssh("true").returncode:
        pytest.skip("no ssh server lets this user in on localhost without a password")
    server = farm()
    pytester.makepyfile(test_it=SUITE)
    there = f"ssh=localhost//python={sys.executable}//chdir={pytester.path}"
    run = background("--devicefarm-device=platform=IOS", f"--tx={there}", "--dist=load", against=server)
    assert run.end() == 1, run.output
    assert sorted(run.outcomes) == ["failed"] + ["passed"] * 7, run.output


def _ssh(command: str) -> subprocess.CompletedProcess[bytes]:
    options = ("-o", "BatchMode=yes", "-o", "ConnectTimeout=3")
    return subprocess.run(["ssh", *options, "localhost", command], capture_output=True, check=False)
