"""The documentation is true."""

from __future__ import annotations

import importlib.util
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import EXAMPLE_ARN

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()


def generator():
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs/generate.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", ["options.md", "properties.md", "hooks.md"])
def test_generated_pages_are_those_of_the_code(name):
    """Run `python docs/generate.py` after a change of options, properties or hooks."""
    assert (ROOT / "docs" / name).read_text() == generator().PAGES[name]()


def test_the_readmes_examples_run(run, pytester):
    """The README's tests run as they stand there; what needs another phone is skipped with the reason."""
    examples = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    pytester.makepyfile(
        **{f"test_{number}": example.replace("): ...", "): pass") for number, example in enumerate(examples)}
    )
    result = run("--devicefarm-emulator")
    assert result.code == 0
    assert {name: bool(case.findall("skipped")) for name, case in result.testcases.items()} == {
        "test_the_phone_is_recent_enough": False,
        "test_split_view": True,  # of a tablet
    }


def test_the_readmes_pool_runs(run, pytester, tmp_path):
    """The command with two phones: the examples pass, and tests ran on both."""
    (command,) = re.findall(r"^    \.venv/bin/pytest examples (.*-n auto)$", README, re.MULTILINE)
    shutil.copytree(ROOT / "examples", pytester.path / "examples")
    result = run("examples", *shlex.split(command))
    assert result.code == 0
    assert result.suite_properties["devicefarm.sessions"] == "2"
    assert "no test used it" not in result.out


def test_links_lead_somewhere():
    """Every relative link of the README and of docs/ names a file."""
    for page in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_ci_runs_the_readmes_test_command():
    """The second command of the README is the one that .ci/run calls."""
    first, second = re.findall(r"^    (python3 -m venv .*)$", README, re.MULTILINE)
    assert "examples --devicefarm-emulator --junitxml=report.xml" in first
    assert second in (ROOT / ".ci/run").read_text().splitlines()


def test_the_examples_pass_on_an_emulator_in_another_process(run, pytester, monkeypatch):
    """The same suite through AWS_ENDPOINT_URL_DEVICE_FARM, with the reference page's ARN: every report says so."""
    server = subprocess.Popen(
        [sys.executable, "-m", "pytest_devicefarm.emulator", "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    try:
        url = next(match[0] for line in server.stdout if (match := re.search(r"http://127.0.0.1:\d+", line)))
        monkeypatch.setenv("AWS_ENDPOINT_URL_DEVICE_FARM", url)
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "emulator")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "emulator")
        result = run(str(ROOT / "examples"), f"--devicefarm-session={EXAMPLE_ARN}")
    finally:
        server.terminate()
        server.communicate(timeout=30)
    assert result.code == 0, result.out + result.err
    assert result.suite_properties["devicefarm.session.status"] == "RUNNING"
    on_the_phone = [name for name in result.testcases if result.properties(name)]
    assert len(on_the_phone) == 4
    for name in on_the_phone:
        assert result.properties(name)["devicefarm.session.arn"] == EXAMPLE_ARN
        assert result.properties(name)["devicefarm.device.name"] == "Apple iPhone 15 Pro"
