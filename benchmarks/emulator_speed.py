"""How fast the emulator answers, and what it weighs: `python -m benchmarks.emulator_speed`.

1,000 sessions are read through boto3 by 8 threads, as `GetRemoteAccessSession` calls, from three servers, each in a
process of its own, one after the other in every round and in the opposite order in the next:

- the emulator, as `python -m pytest_devicefarm.emulator` serves it, without rate limits;
- bare werkzeug: its threaded server with an application that returns one fixed body, the emulator's own answer;
- moto's server, where `moto_server` is on the path. moto answers Device Farm's calls with "not yet implemented", so
  it answers STS `GetCallerIdentity`, one of the simplest things that it has: a comparison in its favour.

The client is the same for all and takes part of each figure. Targets: design, section 12. Nothing here is shared with
the other benchmarks but the results folder.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results"
SESSIONS = 1000
THREADS = 8
#: Of the emulator's calls a second to bare werkzeug's.
AT_LEAST = 0.7
#: MiB that the emulator's process may hold.
AT_MOST = 200.0

_ARN = "arn:aws:devicefarm:us-west-2:123456789101:session:EXAMPLE-GUID-123-456/EXAMPLE-GUID-{}/00000"
_KEYS = {"aws_access_key_id": "emulator", "aws_secret_access_key": "emulator", "region_name": "us-west-2"}
_WAIT = 30.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print a table, write JSON; returns 1 where a target is missed."""
    options = _parser().parse_args(arguments)
    if options.bare:
        return _serve_bare(options.bare)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="emulator-speed-")))
        emulator, url = stack.enter_context(_emulator(folder))
        weights = {"at the start": _resident(emulator)}
        arms = {"emulator": _reader(stack, url), "werkzeug": _reader(stack, stack.enter_context(_bare(folder, url)))}
        if moto := shutil.which("moto_server"):
            arms["moto"] = _caller(stack, stack.enter_context(_moto(moto)))
        rates = _measure(arms, options.rounds)
        weights["after the reads"] = _resident(emulator)
    result = _result(rates, weights)
    print(_table(result))
    print(_write(result))
    return 0 if result["ratio"] >= AT_LEAST and max(weights.values()) <= AT_MOST else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.emulator_speed", description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=9, help="default %(default)s; each reads all sessions")
    parser.add_argument("--bare", metavar="FILE", help=argparse.SUPPRESS)
    return parser


def _measure(arms: dict[str, Callable[[int], Any]], rounds: int) -> dict[str, list[float]]:
    """Calls a second of each arm in each round; a first round is thrown away."""
    rates: dict[str, list[float]] = {name: [] for name in arms}
    with ThreadPoolExecutor(THREADS) as pool:
        for number in range(rounds + 1):
            for name in list(arms)[:: -1 if number % 2 else 1]:
                began = time.perf_counter()
                for _ in pool.map(arms[name], range(SESSIONS)):
                    pass
                if number:
                    rates[name].append(SESSIONS / (time.perf_counter() - began))
    return rates


@contextmanager
def _process(*command: str, ready: Callable[[str], str | None]) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A server, and what `ready` finds in a line that it says."""
    with subprocess.Popen(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        lines = process.stdout or ()
        try:
            found = next((found for line in lines if (found := ready(line))), None)
            if found is None:
                raise SystemExit(f"{' '.join(command)} did not start")
            yield process, found
        finally:
            process.send_signal(signal.SIGTERM)


@contextmanager
def _emulator(folder: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    scenario = folder / "scenario.toml"
    sessions = (f'[[session]]\narn = "{_ARN.format(number)}"\n' for number in range(SESSIONS))
    scenario.write_text("rate_limits = false\n" + "".join(sessions), "utf-8")
    command = (sys.executable, "-m", "pytest_devicefarm.emulator", "--scenario", str(scenario))
    with _process(*command, ready=lambda line: line.rpartition(" ")[2].strip() if "http://" in line else None) as both:
        yield both


@contextmanager
def _bare(folder: Path, emulator_url: str) -> Iterator[str]:
    """Bare werkzeug with the emulator's own answer."""
    bodies: list[bytes] = []
    with ExitStack() as stack:
        client = _client(stack, "devicefarm", emulator_url)
        client.meta.events.register("before-parse", lambda response_dict, **_: bodies.append(response_dict["body"]))
        client.get_remote_access_session(arn=_ARN.format(0))
    body = folder / "body"
    body.write_bytes(bodies[0])
    command = (sys.executable, "-m", "benchmarks.emulator_speed", "--bare", str(body))
    with _process(*command, ready=str.strip) as (_, url):
        yield url


def _serve_bare(file: str) -> int:
    import logging

    from werkzeug.serving import make_server
    from werkzeug.wrappers import Response

    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    body = Path(file).read_bytes()

    def app(environ: Any, start_response: Any) -> Any:
        return Response(body, content_type="application/x-amz-json-1.1")(environ, start_response)

    server = make_server("127.0.0.1", 0, app, threaded=True)
    print(f"http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()
    return 0


@contextmanager
def _moto(command: str) -> Iterator[str]:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    quiet = subprocess.DEVNULL
    with subprocess.Popen([command, "-p", str(port)], stdout=quiet, stderr=quiet) as process:
        try:
            _wait_for(f"{url}/moto-api/data.json", process)
            yield url
        finally:
            process.send_signal(signal.SIGTERM)


def _wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + _WAIT
    while time.monotonic() < until and process.poll() is None:
        try:
            urllib.request.urlopen(url, timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit(f"nothing answers at {url}")


def _client(stack: ExitStack, service: str, url: str) -> Any:
    import boto3
    from botocore.config import Config

    connect: Any = boto3.client
    # A retried call would be counted as one.
    config = Config(max_pool_connections=THREADS, retries={"total_max_attempts": 1})
    client = connect(service, endpoint_url=url, config=config, **_KEYS)
    stack.callback(client.close)
    return client


def _reader(stack: ExitStack, url: str) -> Callable[[int], Any]:
    client = _client(stack, "devicefarm", url)
    return lambda number: client.get_remote_access_session(arn=_ARN.format(number))["remoteAccessSession"]["status"]


def _caller(stack: ExitStack, url: str) -> Callable[[int], Any]:
    client = _client(stack, "sts", url)
    return lambda _: client.get_caller_identity()["Account"]


def _resident(process: subprocess.Popen[str]) -> float:
    """MiB of memory that a process holds."""
    said = subprocess.run(["ps", "-o", "rss=", "-p", str(process.pid)], capture_output=True, text=True, check=True)
    return round(int(said.stdout) / 1024, 1)


def _result(rates: dict[str, list[float]], weights: dict[str, float]) -> dict[str, Any]:
    medians = {name: statistics.median(samples) for name, samples in rates.items()}
    pairs = zip(rates["emulator"], rates["werkzeug"], strict=True)
    return {
        "began": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "system": platform.platform(),
        "processors": os.cpu_count(),
        "load": os.getloadavg(),
        "versions": {name: version(name) for name in ("boto3", "botocore", "werkzeug")},
        "sessions": SESSIONS,
        "threads": THREADS,
        "rates": rates,
        "medians": medians,
        "ratio": statistics.median(mine / bare for mine, bare in pairs),
        "at_least": AT_LEAST,
        "mebibytes": weights,
        "at_most_mebibytes": AT_MOST,
    }


def _table(result: dict[str, Any]) -> str:
    medians, rates = result["medians"], result["rates"]
    lines = [f"{SESSIONS} sessions, {THREADS} threads, {len(rates['emulator'])} rounds; calls a second"]
    for name, text in (
        ("emulator", "the emulator, GetRemoteAccessSession"),
        ("werkzeug", "bare werkzeug, the same body"),
        ("moto", "moto's server, sts GetCallerIdentity"),
    ):
        if name in medians:
            samples = rates[name]
            lines.append(f"  {text:<38} {medians[name]:>7.0f}   {min(samples):.0f} to {max(samples):.0f}")
        else:
            lines.append(f"  {text:<38} not measured: pip install 'moto[server]'")
    met = "met" if result["ratio"] >= AT_LEAST else "MISSED"
    lines.append(f"  {'emulator to bare werkzeug':<38} {result['ratio']:>7.2f}   at least {AT_LEAST}: {met}")
    for when, weight in result["mebibytes"].items():
        met = "met" if weight <= AT_MOST else "MISSED"
        lines.append(f"  {'MiB of the emulator ' + when:<38} {weight:>7.0f}   at most {AT_MOST:.0f}: {met}")
    return "\n".join(lines)


def _write(result: dict[str, Any]) -> Path:
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"emulator-{datetime.now(UTC):%Y-%m-%d-%H%M%S}.json"
    path.write_text(json.dumps(result, indent=1) + "\n", "utf-8")
    return path


if __name__ == "__main__":
    sys.exit(main())
