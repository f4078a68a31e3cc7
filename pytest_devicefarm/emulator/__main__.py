"""`python -m pytest_devicefarm.emulator`: serve until interrupted."""

import argparse
import logging
import os
import shlex
import signal
import sys
import threading
from collections.abc import Sequence

from .clock import Clock
from .emulator import Emulator
from .scenario import REGION
from .scenario_file import load_scenario, scenario_names

#: A pool's sessions are all worth a line, a load test's are not.
_SHOWN = 20


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve; returns the exit code: 0 after SIGINT or SIGTERM, 1 for a port in use, 2 for wrong options."""
    options = _parser().parse_args(arguments)
    try:
        # SIGINT too: a shell starts its background jobs with it ignored, and Python leaves it so.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        scenario = load_scenario(options.scenario)
        clock = Clock(scenario.speed if options.speed is None else options.speed)
        with Emulator(
            scenario,
            host=options.host,
            port=options.port,
            clock=clock,
            appium_url=options.appium_url,
            allow_remote=options.allow_remote,
        ) as emulator:
            _greet(emulator, options.scenario, options.appium_url)
            threading.Event().wait()
    except KeyboardInterrupt:
        return 0
    except ValueError as error:
        return _fail(str(error), 2)
    except ImportError as error:
        return _fail(str(error), 1)
    except OSError as error:
        # Not `strerror`: `socket.create_server` adds the address to it once more.
        reason = os.strerror(error.errno) if error.errno else str(error)
        return _fail(f"cannot listen on {options.host} port {options.port}: {reason}", 1)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m pytest_devicefarm.emulator",
        description="AWS Device Farm's remote access sessions on a loopback port.",
    )
    parser.add_argument("--port", type=int, default=0, help="default: any free one")
    parser.add_argument("--host", default="127.0.0.1", help="a loopback address, default %(default)s")
    parser.add_argument(
        "--allow-remote",
        action="store_true",
        help="take a --host that is not loopback; the emulator trusts every machine that reaches it",
    )
    parser.add_argument(
        "--scenario",
        default="ready",
        metavar="S",
        help=f"what to play: {', '.join(scenario_names())}, or the path of a .toml file; default %(default)s",
    )
    parser.add_argument("--speed", type=float, metavar="X", help="how fast time runs, default: the scenario's, 1")
    parser.add_argument(
        "--appium-url",
        metavar="URL",
        help="a real Appium server to put behind the sessions' Appium endpoints, such as http://127.0.0.1:4723",
    )
    return parser


def _greet(emulator: Emulator, scenario: str, appium_url: str | None) -> None:
    logging.basicConfig(stream=sys.stderr, format="%(asctime)s %(message)s", level=logging.INFO)
    print(f"AWS Device Farm emulator, scenario {scenario}: {emulator.url}")
    for session in emulator.scenario.sessions[:_SHOWN]:
        print(f"session {session.arn} ({session.name})")
    if (more := len(emulator.scenario.sessions) - _SHOWN) > 0:
        print(f"and {more} more")
    if appium_url:
        print(f"behind their Appium endpoints: {appium_url}")
    print("to point boto3 and the aws command line at it:")
    for variable, value in (
        ("AWS_ENDPOINT_URL_DEVICE_FARM", emulator.url),
        ("AWS_ENDPOINT_URL_STS", emulator.url),
        ("AWS_ACCESS_KEY_ID", "emulator"),
        ("AWS_SECRET_ACCESS_KEY", "emulator"),
        ("AWS_DEFAULT_REGION", REGION),
    ):
        print(f"export {variable}={value}")
    if emulator.scenario.sessions:
        arn = shlex.quote(emulator.default_session_arn)
        print(f"aws devicefarm get-remote-access-session --arn {arn}")
    sys.stdout.flush()


def _fail(message: str, code: int) -> int:
    print(f"ERROR: {message}", file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
