"""The page docs/driver.md is true: its examples pass, and it names the options that there are."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from conftest import DISTRIBUTIONS, needs_endpoints

from pytest_devicefarm.emulator import Scenario, Session, Upload
from pytest_devicefarm.options import OPTIONS

PAGE = (Path(__file__).parents[2] / "docs" / "driver.md").read_text("utf-8")
BLOCKS = re.findall(r"^```python\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
UPLOAD = "arn:aws:devicefarm:us-west-2:123456789101:upload:EXAMPLE-GUID-123-456/app"


@needs_endpoints
@pytest.mark.parametrize("dist", DISTRIBUTIONS)
@pytest.mark.parametrize("number", range(len(BLOCKS)))
def test_the_examples_pass(run, farm, pytester, number, dist):
    """Every block of Python, as it stands there."""
    pytester.makepyfile(test_page=BLOCKS[number])
    uploads = (Upload(arn=UPLOAD, name="shop.ipa", type="IOS_APP"),)
    result = run(*dist, against=farm(Scenario(sessions=(Session(),), uploads=uploads)))
    assert result.code == 0, result.out
    assert result.testcases


def test_it_names_the_options_of_the_driver():
    """Each ini key and option that it speaks of exists, and none of the driver's is left out."""
    known = {option.key for option in OPTIONS} | {option.flag for option in OPTIONS if option.cli}
    named = set(re.findall(r"^    (devicefarm_\w+) =", PAGE, re.MULTILINE)) | set(
        re.findall(r"--devicefarm-[\w-]+", PAGE)
    )
    assert named <= known
    assert {"devicefarm_driver_scope", "devicefarm_keep_alive", "devicefarm_keep_alive_limit"} <= named
