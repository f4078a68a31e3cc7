"""Serve the example's sessions: an emulator in front of your Appium, with the app installed.

python examples/appium/serve.py --appium-url http://127.0.0.1:4723 --sessions 1
"""

from __future__ import annotations

import argparse
import io
import threading
import urllib.request
import zipfile
from pathlib import Path

import boto3

from pytest_devicefarm.emulator import Emulator

APP = Path(__file__).parent / "login.xml"


def packaged(xml: str) -> bytes:
    """An .apk to Device Farm, which reads a zip from its end, and the XML of an app to Appium's stand-in."""
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w") as package:
        package.writestr(zipfile.ZipInfo("AndroidManifest.xml"), "")
        package.comment = b"</app>"
    return xml.strip().removesuffix("</app>").encode() + body.getvalue()


def client(emulator: Emulator):
    """A boto3 client of the emulator."""
    keys = {"aws_access_key_id": "any", "aws_secret_access_key": "any"}
    return boto3.client("devicefarm", region_name="us-west-2", endpoint_url=emulator.url, **keys)


def upload(farm, app: Path = APP) -> str:
    """Upload the app; its ARN."""
    project = farm.list_projects()["projects"][0]["arn"]
    made = farm.create_upload(projectArn=project, name=f"{app.stem}.apk", type="ANDROID_APP")["upload"]
    urllib.request.urlopen(urllib.request.Request(made["url"], packaged(app.read_text()), method="PUT")).close()
    while farm.get_upload(arn=made["arn"])["upload"]["status"] not in ("SUCCEEDED", "FAILED"):
        pass
    return made["arn"]


def sessions(farm, count: int, app: str | None) -> list[str]:
    """Create sessions on Android phones; their ARNs."""
    project = farm.list_projects()["projects"][0]["arn"]
    devices = [each for each in farm.list_devices()["devices"] if each["platform"] == "ANDROID"]
    phones = [each for each in devices if each["remoteAccessEnabled"] and each["availability"] == "HIGHLY_AVAILABLE"]
    more = {"appArn": app} if app else {}
    created = [
        farm.create_remote_access_session(projectArn=project, deviceArn=phone["arn"], **more)
        for phone in phones[:count]
    ]
    return [each["remoteAccessSession"]["arn"] for each in created]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--appium-url", default="http://127.0.0.1:4723")
    parser.add_argument("--sessions", type=int, default=1)
    options = parser.parse_args()
    with Emulator(appium_url=options.appium_url) as emulator:
        farm = client(emulator)
        print(f"export AWS_ENDPOINT_URL_DEVICE_FARM={emulator.url}")
        print("export AWS_ACCESS_KEY_ID=any AWS_SECRET_ACCESS_KEY=any")
        print(f"export DEVICEFARM_SESSION='{' '.join(sessions(farm, options.sessions, upload(farm)))}'", flush=True)
        threading.Event().wait()


if __name__ == "__main__":
    main()
