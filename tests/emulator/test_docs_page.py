"""The page docs/emulator.md is true: its examples run, and it leaves nothing out."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pytest_devicefarm.emulator import Emulator, load_scenario, scenario_file, scenario_names
from pytest_devicefarm.emulator.__main__ import _parser
from pytest_devicefarm.emulator.errors import ApiError
from pytest_devicefarm.emulator.iam import Policy
from pytest_devicefarm.emulator.operations import OPERATIONS
from pytest_devicefarm.emulator.scenario import FAULT_KINDS

PAGE = (Path(__file__).parents[2] / "docs" / "emulator.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    """The page's code blocks in a language."""
    found = re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    assert found
    return found


def rows(heading: str) -> list[str]:
    """The first cells of the first table below a heading, without their backquotes."""
    section = PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    return re.findall(r"^\| `([^`]+)` \|", section, re.MULTILINE)


@pytest.mark.parametrize("number", range(len(blocks("toml"))))
def test_the_toml_is_played(tmp_path: Path, number: int) -> None:
    """Every block is a scenario that an emulator starts with."""
    path = tmp_path / "scenario.toml"
    path.write_text(blocks("toml")[number], "utf-8")
    with Emulator(path) as emulator:
        assert emulator.sessions


PYTHON = [block for block in blocks("python") if "def test_" not in block]
TESTS = [block for block in blocks("python") if "def test_" in block]


@pytest.mark.parametrize("number", range(len(PYTHON)))
def test_the_python_runs(number: int) -> None:
    """Every block that is a script runs by itself; its own assertions hold."""
    exec(compile(PYTHON[number], f"docs/emulator.md, script {number}", "exec"), {})


@pytest.mark.parametrize("number", range(len(TESTS)))
def test_the_tests_pass(run: Callable[..., Any], pytester: pytest.Pytester, number: int) -> None:
    """Every block that holds tests passes, with the plugin as it is installed."""
    pytester.makepyfile(TESTS[number])
    result = run()
    assert result.code == 0, result.out
    assert result.testcases


def test_the_first_toml_has_every_key() -> None:
    """The one long example and the section on permissions show all that a scenario may say."""
    first = blocks("toml")[0]
    for table in (
        scenario_file._SESSION,
        scenario_file._STEP,
        scenario_file._DEVICE,
        scenario_file._UPLOAD,
        scenario_file._PROJECT,
        scenario_file._FAULT,
        scenario_file._SCENARIO,
    ):
        for key in table.keys() - {"iam", "seconds"}:
            assert re.search(rf"^{key} =|\[{key}\]|\.{key}\]", first, re.MULTILINE), key
    assert "iam = " in PAGE
    assert "`seconds`" in PAGE


def test_the_tables_are_whole() -> None:
    """Scenarios, kinds of faults and options: no more, no less."""
    assert sorted(rows("Scenarios")) == scenario_names()
    assert sorted(rows("Faults")) == sorted(FAULT_KINDS)
    options = {option for action in _parser()._actions for option in action.option_strings} - {"-h", "--help"}
    assert {row.split()[0] for row in rows("Start it") if row.startswith("--")} == options


def test_the_operations_are_those_that_there_are() -> None:
    """The list at the end of the page."""
    listed = PAGE.partition("for every other one.")[2].partition("So no runs")[0]
    assert re.findall(r"\w+", listed) == sorted(OPERATIONS)


def test_the_first_policy_does_not_let_you_create(tmp_path: Path) -> None:
    """As the page says below it: for want of the device."""
    path = tmp_path / "scenario.toml"
    path.write_text(blocks("toml")[1], "utf-8")
    policy = Policy(load_scenario(path).iam or {})
    device = "arn:aws:devicefarm:us-west-2::device:00000000000000000000000000000001"
    project = "arn:aws:devicefarm:us-west-2:123456789101:project:mine"
    with pytest.raises(ApiError, match=device):
        policy.check("CreateRemoteAccessSession", {"projectArn": project, "deviceArn": device})
    policy.check("StopRemoteAccessSession", {"arn": project.replace(":project:", ":session:")})
    with pytest.raises(ApiError, match="with an explicit deny"):
        policy.check("DeleteRemoteAccessSession", {"arn": project.replace(":project:", ":session:")})


def test_shipped_scenarios_say_what_the_table_says() -> None:
    """The file of each has a remark at its head, and the numbers in the table are the file's."""
    assert load_scenario("slow-start").sessions[0].steps[1].seconds == 20
    assert len(load_scenario("pool").sessions) == 4
    assert load_scenario("queued").sessions[0].steps[0].status == "PENDING_CONCURRENCY"
