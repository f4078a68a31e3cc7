"""report/properties: every name of DESIGN section 9 with its text, and nothing that is a credential."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_devicefarm.model.secret import Secret
from pytest_devicefarm.model.session import Platform, RemoteAccessSession
from pytest_devicefarm.report.properties import PROPERTIES, suite_properties, text
from pytest_devicefarm.report.properties import case_properties as on_testcase

from .unit_samples import CANARY, CONSOLE_URL, INSTANCE_ARN, SECRETS, SESSION_ARN, full

#: What the suite says of the sample that has every field. The starred ones are on each testcase too.
EXPECTED = f"""
    * devicefarm.session.arn                             {SESSION_ARN}
    * devicefarm.session.name                            nightly
      devicefarm.session.status                          RUNNING
      devicefarm.session.result                          PENDING
      devicefarm.session.message                         All is well
      devicefarm.session.created                         2026-03-01T12:00:00.250000+00:00
      devicefarm.session.started                         2026-03-01T12:01:00+00:00
      devicefarm.session.stopped                         2026-03-01T12:02:00+00:00
    * devicefarm.session.interaction_mode                VIDEO_ONLY
      devicefarm.session.billing_method                  METERED
      devicefarm.session.remote_debug_enabled            true
      devicefarm.session.remote_record_enabled           false
      devicefarm.session.remote_record_app_arn           arn:aws:devicefarm:us-west-2:123456789012:upload:P/REC
      devicefarm.session.host_address                    192.0.2.7
      devicefarm.session.client_id                       client-1
      devicefarm.session.device_udid                     00008130-SESSION
      devicefarm.session.instance_arn                    {INSTANCE_ARN}
      devicefarm.session.skip_app_resign                 false
      devicefarm.session.app_upload                      arn:aws:devicefarm:us-west-2:123456789012:upload:P/APP
      devicefarm.session.vpc_config.vpc_id               vpc-1
      devicefarm.session.vpc_config.subnet_ids           subnet-1
      devicefarm.session.vpc_config.security_group_ids   sg-1,sg-2
      devicefarm.session.device_proxy.host               proxy.example
      devicefarm.session.device_proxy.port               3128
    * devicefarm.session.console_url                     {CONSOLE_URL}
      devicefarm.minutes.total                           12.5
      devicefarm.minutes.metered                         12
      devicefarm.minutes.unmetered                       0.5
      devicefarm.device.arn                              arn:aws:devicefarm:us-west-2::device:00EXAMPLE
    * devicefarm.device.name                             Apple iPhone 15 Pro
    * devicefarm.device.manufacturer                     Apple
    * devicefarm.device.model                            iPhone 15 Pro
      devicefarm.device.model_id                         A2848
    * devicefarm.device.form_factor                      PHONE
    * devicefarm.device.platform                         IOS
    * devicefarm.device.os                               17.5.1
      devicefarm.device.cpu.architecture                 arm64
      devicefarm.device.cpu.frequency                    MHz
      devicefarm.device.cpu.clock                        3780000000
      devicefarm.device.resolution                       1179x2556
      devicefarm.device.heap_size                        512000000
      devicefarm.device.memory                           128000000000
      devicefarm.device.image                            IMAGE-1
      devicefarm.device.carrier                          none
      devicefarm.device.radio                            none
      devicefarm.device.remote_access_enabled            true
      devicefarm.device.remote_debug_enabled             false
      devicefarm.device.fleet_type                       PRIVATE
      devicefarm.device.fleet_name                       lab
      devicefarm.device.availability                     HIGHLY_AVAILABLE
      devicefarm.device.instance.arn                     {INSTANCE_ARN}
      devicefarm.device.instance.udid                    00008130-INSTANCE
      devicefarm.device.instance.labels                  rack-7,5G
      devicefarm.device.instance.status                  IN_USE
      devicefarm.device.instance.profile.name            keep it warm
      devicefarm.device.instance.profile.reboot_after_use  false
      devicefarm.device.instance.profile.package_cleanup   true
"""
ROWS = [(line[4] == "*", *line[6:].split(maxsplit=1)) for line in EXPECTED.strip("\n").rstrip().split("\n")]


def _session(**changes: Any) -> RemoteAccessSession:
    return RemoteAccessSession.from_response(full(**changes))


def _of(**response: Any) -> dict[str, str]:
    return dict(suite_properties(RemoteAccessSession.from_response(response), {}))


def test_suite() -> None:
    """The suite says every field, each under its name, as text, once, in the table's order."""
    assert suite_properties(_session(), {}) == [(name, value) for _, name, value in ROWS]


def test_testcase() -> None:
    """Each test says the starred ones, which tell devices apart and do not change while tests run."""
    expected = [(name, value) for starred, name, value in ROWS if starred]
    assert on_testcase(_session(), {}) == expected
    assert len(expected) == 10


def test_names_are_unique() -> None:
    """No name is in the table twice."""
    names = [each.name for each in PROPERTIES]
    assert len(names) == len(set(names)) == len(ROWS)


@pytest.mark.parametrize("properties", [suite_properties, on_testcase])
@pytest.mark.parametrize("response", [{}, dict.fromkeys(full()), {"device": dict.fromkeys(full()["device"])}])
def test_absent_fields_make_no_property(properties: Any, response: dict[str, Any]) -> None:
    """Nothing is said of what is not known."""
    assert properties(RemoteAccessSession.from_response(response), {}) == []


@pytest.mark.parametrize(
    ("response", "said"),
    [
        ({"name": "", "message": ""}, {}),
        ({"status": ""}, {}),
        ({"vpcConfig": {"subnetIds": []}}, {}),
        ({"deviceMinutes": {"total": 0.0}}, {"devicefarm.minutes.total": "0"}),
        ({"status": "HIBERNATING"}, {"devicefarm.session.status": "HIBERNATING"}),
        ({"device": {"cpu": {"clock": 1.5e9}}}, {"devicefarm.device.cpu.clock": "1500000000"}),
        ({"device": {"memory": 0}}, {"devicefarm.device.memory": "0"}),
        ({"device": {"platform": "ANDROID", "instances": [{"udid": "U"}]}}, {"devicefarm.device.platform": "ANDROID"}),
        pytest.param(
            {"device": {"resolution": {}}},
            {},
        ),
        pytest.param(
            {"device": {"resolution": {"width": 1179}}},
            {},
        ),
    ],
)
def test_unusual_values(response: dict[str, Any], said: dict[str, str]) -> None:
    """Empty texts and lists make no property; zero and unknown values do."""
    assert _of(**response) == said


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (None, ""),
        ("", ""),
        ("plain", "plain"),
        (True, "true"),
        (False, "false"),
        (0, "0"),
        (7, "7"),
        (7.0, "7"),
        (-7.0, "-7"),
        (7.25, "7.25"),
        (1e15, "1000000000000000"),
        (10**400, "1" + "0" * 400),
        (datetime(2026, 3, 1, 12, tzinfo=UTC), "2026-03-01T12:00:00+00:00"),
        ((), ""),
        (("a",), "a"),
        (["a", 1, 2.0, True], "a,1,2,true"),
        (Platform.IOS, "IOS"),
        (Path("/a/b"), "/a/b"),
        (Decimal("1.50"), "1.50"),
        (Secret("x"), ""),
        ("a\nb\tc\rd\x00e\x1b[31m", r"a\nb\tc\rd\x00e\x1b[31m"),
        ("\ud800 \ufffe \uffff", r"\ud800 \ufffe \uffff"),
        ("ünï \U0001f4f1 <&>\"'", "ünï \U0001f4f1 <&>\"'"),
        pytest.param(
            datetime(2026, 3, 1, 14, tzinfo=timezone(timedelta(hours=2))),
            "2026-03-01T12:00:00+00:00",
        ),
        pytest.param(
            float("inf"),
            "inf",
            id="inf",
        ),
        pytest.param(
            float("nan"),
            "nan",
            id="nan",
        ),
        pytest.param(
            float("-inf"),
            "-inf",
            id="-inf",
        ),
    ],
)
def test_text(value: Any, said: str) -> None:
    """Each type of value has its text."""
    assert text(value) == said


def test_numbers_of_an_answer_that_are_none() -> None:
    """nan and inf in a response are no minutes."""
    assert _of(deviceMinutes={"total": float("nan"), "metered": float("inf"), "unmetered": -float("inf")}) == {}


def test_no_endpoint_is_said() -> None:
    """Neither endpoint, nor what is in endpoints, nor a part of them, is in any property."""
    said = suite_properties(_session(), {}) + on_testcase(_session(), {})
    assert CANARY not in str(said)
    assert not [each for each in PROPERTIES if "endpoint" in each.path or "endpoint" in each.name]


@pytest.mark.parametrize("secret", SECRETS.values(), ids=SECRETS)
@pytest.mark.parametrize("properties", [suite_properties, on_testcase])
def test_hook_that_says_an_endpoint(properties: Any, secret: str) -> None:
    """An endpoint is redacted from what a hook adds, alone and within other text."""
    session = _session()
    more = {
        "alone": secret,
        "within": f"see {secret}/status",
        "listed": ["a", secret],
        "nested": {"url": secret},
        "typed": Secret(secret),
    }
    said = dict(properties(session, more))
    assert said["alone"] == "<redacted>"
    assert said["within"] == "see <redacted>/status"
    assert said["listed"] == "a,<redacted>"
    assert said["nested"] == "{'url': '<redacted>'}"
    assert "typed" not in said
    assert CANARY not in str(said)


def test_message_that_says_an_endpoint() -> None:
    """The same for what AWS itself says."""
    said = dict(suite_properties(_session(message=f"{SECRETS['remoteDriverEndpoint']} is gone"), {}))
    assert said["devicefarm.session.message"] == "<redacted> is gone"


def test_endpoint_that_begins_like_another() -> None:
    """Where one endpoint is the beginning of another, no rest of the longer one is left."""
    session = _session(endpoint="https://h.example/", endpoints={"remoteDriverEndpoint": f"https://h.example/{CANARY}"})
    assert CANARY not in str(suite_properties(session, {"see": f"at https://h.example/{CANARY}"}))


@pytest.mark.parametrize("name", [SECRETS["endpoint"], "a\x00b", "\ud800"])
def test_names_of_hooks_are_clean_too(name: str) -> None:
    """A property's name survives XML and says no credential, as its value does."""
    ((said, _),) = suite_properties(RemoteAccessSession.from_response({"endpoint": SECRETS["endpoint"]}), {name: "x"})
    assert CANARY not in said
    assert said.isprintable()


def test_hooks_properties_come_last() -> None:
    """What hooks add follows what the table says, and follows its rules: absent and empty values are left out."""
    more = {"team": "apps", "build": 7.0, "nothing": None, "empty": ""}
    assert suite_properties(_session(), more)[-2:] == [("team", "apps"), ("build", "7")]
    assert on_testcase(_session(), more)[-2:] == [("team", "apps"), ("build", "7")]


def test_no_name_twice() -> None:
    """A hook that uses one of the table's names makes no second property of it."""
    names = [name for name, _ in suite_properties(_session(), {"devicefarm.session.name": "mine"})]
    assert len(names) == len(set(names))


@given(st.text())
def test_every_text_survives_xml(value: str) -> None:
    """Whatever a field holds, a report that has it is well-formed and says the same."""
    said = text(value)
    element = ET.Element("property", value=said)
    assert ET.fromstring(ET.tostring(element, "utf-8")).get("value") == said
