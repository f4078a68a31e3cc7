"""Write the pages that come from the code: ``python docs/generate.py``."""

from __future__ import annotations

import inspect
from pathlib import Path

from pytest_devicefarm import hookspecs
from pytest_devicefarm.options import OPTIONS
from pytest_devicefarm.report.properties import PROPERTIES

HERE = Path(__file__).parent


def options() -> str:
    """Every option, its environment variables and its ini key."""
    rows = []
    for option in OPTIONS:
        value = f" {option.metavar}" if option.metavar else ""
        name = f"`{option.flag}{value}`" if option.cli else ""
        environment = ", ".join(f"`{each}`" for each in option.env)
        default = f" Default: `{option.default}`." if option.default else ""
        rows.append(f"| {name} | {environment} | {f'`{option.key}`' if option.ini else ''} | {option.help}.{default} |")
    return "\n".join(
        [
            "# Options",
            "",
            "The command line beats the environment, which beats the ini file. An empty environment or ini value counts as",
            "unset; an empty value on the command line is an error. The header of a run says where each value came from.",
            "",
            "| option | environment | ini | meaning |",
            "|---|---|---|---|",
            *rows,
            "",
            "Durations: `90`, `90s`, `15m`, `1h` or `1m30s`. Credentials, profile and endpoint are otherwise boto3's own:",
            "`AWS_PROFILE`, `AWS_ENDPOINT_URL_DEVICE_FARM` and so on. The region is us-west-2, whatever `AWS_REGION` says:",
            "Device Farm is nowhere else.",
            "",
        ]
    )


def properties() -> str:
    """Every property, and where it stands."""
    rows = [f"| `{each.name}` | {'suite and testcase' if each.testcase else 'suite'} |" for each in PROPERTIES]
    return "\n".join(
        [
            "# Report properties",
            "",
            "Names are the API's own in snake_case. A testcase has them when it used the session: passed, failed, skipped in",
            "a fixture or in the test, or broken in set-up. The suite has them once, read again after the last test.",
            "",
            "With several sessions the suite's names are numbered, in the order in which the sessions were given:",
            "`devicefarm.1.session.arn`, `devicefarm.2.session.arn`, and `devicefarm.sessions` is their number. Sessions that were",
            "lost and replaced are `devicefarm.lost.1.session.arn` and so on, and `devicefarm.lost.sessions` is their number. A test",
            "that the end of its session broke, or kept from running, has `devicefarm.session.lost`: how the session ended.",
            "",
            "Values are text: times in ISO 8601 and UTC, whole numbers without `.0`, `true` and `false`, lists joined by",
            "commas. What the session does not say makes no property. Characters that XML cannot hold are written as",
            "backslash escapes. Endpoints are credentials and never appear.",
            "",
            "| property | on |",
            "|---|---|",
            *rows,
            "| `devicefarm.test.started`, `devicefarm.test.ended` | testcase, [with artifacts](artifacts.md#the-very-seconds) |",
            "| `devicefarm.cost` | suite: USD, by [ini `devicefarm_price_per_minute`](reports.md#cost) |",
            "",
            "The ini key `devicefarm_junit_properties` chooses by globs, one a line, which of them are in the JUnit XML; a glob",
            "is held against the name with and without its number in a pool:",
            "",
            "    [pytest]",
            "    devicefarm_junit_properties =",
            "        devicefarm.session.arn",
            "        devicefarm.device.*",
            "",
            "A test that drives the device has `devicefarm.driver.commands`, `.command_seconds`, `.new_sessions` and",
            "`.new_session_seconds` too: see [the driver](driver.md).",
            "",
            "The hook `pytest_devicefarm_properties` adds your own, to both. The same properties are in",
            "`report.user_properties`, for every other tool.",
            "",
        ]
    )


def hooks() -> str:
    """Every hook with its signature."""
    sections = []
    for name, hook in inspect.getmembers(hookspecs, inspect.isfunction):
        arguments = ", ".join(inspect.signature(hook).parameters)
        sections += [f"## `{name}({arguments})`", "", inspect.cleandoc(hook.__doc__ or ""), ""]
    return "\n".join(["# Hooks", "", inspect.cleandoc(hookspecs.__doc__ or ""), "", *sections])


PAGES = {"options.md": options, "properties.md": properties, "hooks.md": hooks}

if __name__ == "__main__":
    for name, page in PAGES.items():
        (HERE / name).write_text(page())
