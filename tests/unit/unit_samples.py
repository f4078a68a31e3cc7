"""Answers of Device Farm that several unit tests use, and a boto3 client that gets them without a network."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from botocore.awsrequest import AWSResponse

#: The reference page's own example.
EXAMPLE_ARN = "arn:aws:devicefarm:us-west-2:123456789101:session:EXAMPLE-GUID-123-456"
PROJECT = "a1b2c3d4-5678-90ab-cdef-111111111111"
SESSION = "a1b2c3d4-5678-90ab-cdef-222222222222"
#: A session's ARN as the service makes them, and its page.
SESSION_ARN = f"arn:aws:devicefarm:us-west-2:123456789012:session:{PROJECT}/{SESSION}/00000"
CONSOLE_URL = (
    f"https://us-west-2.console.aws.amazon.com/devicefarm/home#/mobile/projects/{PROJECT}/sessions/{SESSION}/00000"
)
INSTANCE_ARN = "arn:aws:devicefarm:us-west-2:123456789012:deviceinstance:4321"

#: In every field that carries a credential.
CANARY = "CANARY-e5b1"
SECRETS = {
    "endpoint": f"wss://live.example/{CANARY}-1",
    "remoteDriverEndpoint": f"https://appium.example/{CANARY}-2",
    "interactiveEndpoint": f"https://screen.example/{CANARY}-3",
}

#: Every field of the reference page (boto3 up to 1.40.74) and of the newest service model, with epoch seconds as the
#: service sends them.
FULL: dict[str, Any] = {
    "arn": SESSION_ARN,
    "name": "nightly",
    "created": 1772366400.25,
    "status": "RUNNING",
    "result": "PENDING",
    "message": "All is well",
    "started": 1772366460.0,
    "stopped": 1772366520.0,
    "device": {
        "arn": "arn:aws:devicefarm:us-west-2::device:00EXAMPLE",
        "name": "Apple iPhone 15 Pro",
        "manufacturer": "Apple",
        "model": "iPhone 15 Pro",
        "modelId": "A2848",
        "formFactor": "PHONE",
        "platform": "IOS",
        "os": "17.5.1",
        "cpu": {"frequency": "MHz", "architecture": "arm64", "clock": 3780000000.0},
        "resolution": {"width": 1179, "height": 2556},
        "heapSize": 512000000,
        "memory": 128000000000,
        "image": "IMAGE-1",
        "carrier": "none",
        "radio": "none",
        "remoteAccessEnabled": True,
        "remoteDebugEnabled": False,
        "fleetType": "PRIVATE",
        "fleetName": "lab",
        "instances": [
            {
                "arn": INSTANCE_ARN,
                "deviceArn": "arn:aws:devicefarm:us-west-2::device:00EXAMPLE",
                "labels": ["rack-7", "5G"],
                "status": "IN_USE",
                "udid": "00008130-INSTANCE",
                "instanceProfile": {
                    "arn": "arn:aws:devicefarm:us-west-2:123456789012:instanceprofile:8",
                    "packageCleanup": True,
                    "excludeAppPackagesFromCleanup": ["com.example.keep"],
                    "rebootAfterUse": False,
                    "name": "keep it warm",
                    "description": "no reboot between runs",
                },
            }
        ],
        "availability": "HIGHLY_AVAILABLE",
    },
    "instanceArn": INSTANCE_ARN,
    "remoteDebugEnabled": True,
    "remoteRecordEnabled": False,
    "remoteRecordAppArn": "arn:aws:devicefarm:us-west-2:123456789012:upload:P/REC",
    "hostAddress": "192.0.2.7",
    "clientId": "client-1",
    "billingMethod": "METERED",
    "deviceMinutes": {"total": 12.5, "metered": 12.0, "unmetered": 0.5},
    "endpoint": SECRETS["endpoint"],
    "deviceUdid": "00008130-SESSION",
    "interactionMode": "VIDEO_ONLY",
    "skipAppResign": False,
    "vpcConfig": {"securityGroupIds": ["sg-1", "sg-2"], "subnetIds": ["subnet-1"], "vpcId": "vpc-1"},
    "deviceProxy": {"host": "proxy.example", "port": 3128},
    "appUpload": "arn:aws:devicefarm:us-west-2:123456789012:upload:P/APP",
    "endpoints": {
        "remoteDriverEndpoint": SECRETS["remoteDriverEndpoint"],
        "interactiveEndpoint": SECRETS["interactiveEndpoint"],
    },
}


def full(**changes: Any) -> dict[str, Any]:
    """A response with every field; ``changes`` replace fields of the session itself."""
    return copy.deepcopy(FULL) | changes


class _Body:
    """The part of a urllib3 response that botocore reads."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def stream(self) -> Any:
        yield self._content


def answer(client: Any, respond: Callable[[Any], tuple[int, bytes]]) -> None:
    """Let a boto3 client get its answers, status and body, from ``respond`` instead of from the network."""

    def before_send(request: Any, **_: Any) -> AWSResponse:
        status, body = respond(request)
        headers = {"content-type": "application/x-amz-json-1.1"}
        return AWSResponse(request.url, status, headers, _Body(body))

    client.meta.events.register("before-send", before_send)
