"""The session that every scenario starts from: the reference page's, with each of its fields filled."""

from typing import Any

from .scenario import ACCOUNT, ARN_PREFIX, EXAMPLE_APP_ARN, REGION

_DEVICE_ARN = f"arn:aws:devicefarm:{REGION}::device:2B4F2A9D1C8E4D7FA0B6C5D4E3F2A1B0"
_INSTANCE_ARN = f"{ARN_PREFIX}:deviceinstance:EXAMPLE-INSTANCE-123-456"
_UDID = "00008130-001A2D3E4F56001C"

_VPC: dict[str, Any] = {
    "securityGroupIds": ["sg-0a1b2c3d4e5f60718"],
    "subnetIds": ["subnet-0a1b2c3d4e5f60718", "subnet-1b2c3d4e5f607182a"],
    "vpcId": "vpc-0a1b2c3d4e5f60718",
}

DEVICE: dict[str, Any] = {
    "arn": _DEVICE_ARN,
    "name": "Apple iPhone 15 Pro",
    "manufacturer": "Apple",
    "model": "Apple iPhone 15 Pro",
    "modelId": "A3102",
    "formFactor": "PHONE",
    "platform": "IOS",
    "os": "17.5.1",
    # As in AWS's own GetDevice example: the clock in the unit that `frequency` names, whatever the page says.
    "cpu": {"frequency": "MHz", "architecture": "arm64", "clock": 3780.0},
    "resolution": {"width": 1179, "height": 2556},
    "heapSize": 256000000,
    "memory": 128000000000,
    "image": "75B2B7EF6C12345EXAMPLE",
    "carrier": "att",
    "radio": "gsm",
    "remoteAccessEnabled": True,
    "remoteDebugEnabled": False,
    "fleetType": "PRIVATE",
    "fleetName": "Example fleet",
    "instances": [
        {
            "arn": _INSTANCE_ARN,
            "deviceArn": _DEVICE_ARN,
            "labels": ["team-a", "smoke"],
            "status": "IN_USE",
            "udid": _UDID,
            "instanceProfile": {
                "arn": f"{ARN_PREFIX}:instanceprofile:EXAMPLE-PROFILE-123-456",
                "packageCleanup": True,
                "excludeAppPackagesFromCleanup": ["com.example.keep"],
                "rebootAfterUse": True,
                "name": "Example profile",
                "description": "Cleans up and reboots after each session",
            },
        }
    ],
    "availability": "HIGHLY_AVAILABLE",
}

#: All that does not change with time; the rest is worked out by `sessions.LiveSession`.
SESSION: dict[str, Any] = {
    "message": "Session on Apple iPhone 15 Pro",
    "device": DEVICE,
    "instanceArn": _INSTANCE_ARN,
    "remoteDebugEnabled": False,
    "remoteRecordEnabled": False,
    "remoteRecordAppArn": EXAMPLE_APP_ARN,
    "hostAddress": "203.0.113.10",
    "clientId": "EXAMPLE-CLIENT-123-456",
    "billingMethod": "METERED",
    "deviceUdid": _UDID,
    "interactionMode": "NO_VIDEO",
    "skipAppResign": False,
    "vpcConfig": _VPC,
    "deviceProxy": {"host": "proxy.example.com", "port": 8080},
    "appUpload": EXAMPLE_APP_ARN,
}

PROJECT: dict[str, Any] = {"defaultJobTimeoutMinutes": 150, "vpcConfig": _VPC}

#: Unmetered devices as in AWS's own GetAccountSettings example.
ACCOUNT_SETTINGS: dict[str, Any] = {
    "awsAccountNumber": ACCOUNT,
    "unmeteredDevices": {"ANDROID": 1, "IOS": 2},
    "unmeteredRemoteAccessDevices": {"ANDROID": 1, "IOS": 2},
    "maxJobTimeoutMinutes": 150,
    "defaultJobTimeoutMinutes": 150,
    "trialMinutes": {"total": 1000.0, "remaining": 0.0},
    "maxSlots": {},
    "skipAppResign": False,
}

#: The app that the example session carries.
UPLOAD: dict[str, Any] = {
    "status": "SUCCEEDED",
    "category": "PRIVATE",
    "contentType": "application/octet-stream",
    "metadata": '{"package_name": "com.example.app", "minimum_os": "15.0", "form_factors": ["PHONE", "TABLET"]}',
}
