"""Values against the shapes of the service model."""

from typing import Any

import pytest

from pytest_devicefarm.emulator.model import installed

ARN = "arn:aws:devicefarm:us-west-2:123456789101:project:p"


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ({}, "Value null at 'name' failed to satisfy constraint: Member must not be null"),
        (
            {"name": True},
            "Value 'True' at 'name' failed to satisfy constraint: Member must be of type string",
        ),
        (
            {"name": "x" * 257},
            f"Value '{'x' * 257}' at 'name' failed to satisfy constraint: "
            "Member must have length less than or equal to 256",
        ),
        (
            {"name": "x", "defaultJobTimeoutMinutes": True},
            "Value 'True' at 'defaultJobTimeoutMinutes' failed to satisfy constraint: Member must be of type integer",
        ),
        (
            {"name": "x", "vpcConfig": {"vpcId": "v", "subnetIds": ["nix"], "securityGroupIds": []}},
            "Value 'nix' at 'vpcConfig.subnetIds.1.member' failed to satisfy constraint: "
            "Member must satisfy regular expression pattern: ^subnet-[0-9a-fA-F]{8,}$",
        ),
        ({"name": "x", "defaultJobTimeoutMinutes": 5, "unheard": "of"}, None),
    ],
)
def test_requests_against_the_model(params: dict[str, Any], said: str | None) -> None:
    """Types, required members, lengths and patterns are checked at any depth, worded as AWS words them."""
    problems = installed().request_problems("CreateProject", params)
    assert said in [str(problem) for problem in problems] if said else not problems


@pytest.mark.parametrize(
    ("percent", "said"),
    [
        (-1, ["Member must have value greater than or equal to 0"]),
        (0, []),
        (100, []),
        (101, ["Member must have value less than or equal to 100"]),
    ],
)
def test_numbers_have_limits(percent: int, said: list[str]) -> None:
    """A number beyond its shape's limits is told with the limit."""
    request = {"projectArn": ARN, "name": "slow", "uplinkLossPercent": percent}
    problems = installed().request_problems("CreateNetworkProfile", request)
    assert [problem.constraint for problem in problems] == said


def test_timestamps_are_numbers() -> None:
    """In an answer a time is a number of seconds, not text."""
    shown = {"project": {"arn": ARN, "created": "today"}}
    problems = installed().response_problems("GetProject", shown)
    assert [problem.path for problem in problems] == ["project.created"]
