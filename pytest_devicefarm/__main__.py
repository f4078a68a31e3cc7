"""``python -m pytest_devicefarm fetch report.xml``: download what came after the run."""

from __future__ import annotations

import argparse
import io
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from .errors import ConfigurationError, DeviceFarmError, tell


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """As everything that the user must change."""
        self.exit(ConfigurationError.exit_code, f"ERROR: {message}: see {self.prog} --help\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; return the exit code: 0, 4 where the user must change something, 69 to try again later."""
    parser = _Parser(prog="python -m pytest_devicefarm", description="AWS Device Farm for pytest")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    fetch = commands.add_parser(
        "fetch",
        help="download artifacts of the sessions in a JUnit XML file, those that came late included",
        description="Download logs, videos and screenshots of the sessions that a JUnit XML file names.",
    )
    fetch.add_argument("report", help="JUnit XML file of a run (--junitxml)")
    fetch.add_argument(
        "--artifacts-dir",
        default="devicefarm-artifacts",
        metavar="DIR",
        help="where they go; what is there already stays (default: devicefarm-artifacts)",
    )
    profile = ("--profile", "--devicefarm-profile")  # as errors of runs call it
    fetch.add_argument(*profile, metavar="NAME", help="profile of the AWS configuration files; default: boto3's own")
    fetch.add_argument("--endpoint-url", metavar="URL", help="where Device Farm answers; default: boto3's own")
    given = parser.parse_args(arguments)
    for stream in (sys.stdout, sys.stderr):  # whose encoding may lack what is in a device's name
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")

    from .fetching import fetch_report
    from .settings import ClientSettings

    client = ClientSettings(profile=given.profile, endpoint_url=given.endpoint_url)
    try:
        fetch_report(Path(given.report), Path.cwd() / given.artifacts_dir, client)
    except DeviceFarmError as error:
        tell(error)
        return error.exit_code
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
