"""AWS Device Farm's remote access sessions on a loopback port, for trying things out and for tests.

    with Emulator("slow-start") as emulator:
        client = boto3.client("devicefarm", region_name="us-west-2", endpoint_url=emulator.url)
        client.get_remote_access_session(arn=emulator.default_session_arn)

Needs nothing of the plugin, and of the extra `[emulator]` (werkzeug) only where an `Emulator` is made.
"""

from .calls import Call
from .clock import Clock
from .emulator import Emulator
from .scenario import Artifact, Device, Fault, Project, Scenario, ScenarioError, Session, Step, Upload
from .scenario_file import load_scenario, scenario_names

__all__ = [
    "Artifact",
    "Call",
    "Clock",
    "Device",
    "Emulator",
    "Fault",
    "Project",
    "Scenario",
    "ScenarioError",
    "Session",
    "Step",
    "Upload",
    "load_scenario",
    "scenario_names",
]
