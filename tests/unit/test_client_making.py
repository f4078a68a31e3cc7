"""farm/client.make_client: where the client talks to, as whom, how long, and what it does not log."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ProfileNotFound

from pytest_devicefarm.errors import ConfigurationError
from pytest_devicefarm.farm.client import make_client
from pytest_devicefarm.settings import ClientSettings

from .unit_samples import CANARY, EXAMPLE_ARN, SECRETS, answer, full

pytestmark = pytest.mark.usefixtures("environment")


@pytest.fixture
def credentials(environment: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")


@pytest.fixture
def profiles(environment: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A configuration file with one profile, of another region."""
    path = tmp_path / "config"
    path.write_text("[profile phones]\nregion = eu-west-1\naws_access_key_id = PHONES\naws_secret_access_key = x\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(path))


def _access_key(client: Any) -> str:
    return str(client._request_signer._credentials.access_key)


@pytest.mark.usefixtures("credentials")
@pytest.mark.parametrize("variable", ["AWS_REGION", "AWS_DEFAULT_REGION"])
@pytest.mark.parametrize("service", ["devicefarm", "sts"])
def test_region(monkeypatch: pytest.MonkeyPatch, variable: str, service: Any) -> None:
    """The region is us-west-2, the only one of Device Farm, whatever the environment says."""
    monkeypatch.setenv(variable, "eu-central-1")
    client = make_client(ClientSettings(), service=service)
    assert client.meta.region_name == "us-west-2"
    assert client.meta.endpoint_url == f"https://{service}.us-west-2.amazonaws.com"


@pytest.mark.usefixtures("credentials")
@pytest.mark.parametrize("attempts", [1, 3])
def test_timeouts_and_attempts(monkeypatch: pytest.MonkeyPatch, attempts: int) -> None:
    """Connecting may take 5 s, reading 10 s, and a request is sent as often as asked, whatever the environment says."""
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "9")
    monkeypatch.setenv("AWS_RETRY_MODE", "legacy")
    config = make_client(ClientSettings(), attempts=attempts).meta.config
    assert (config.connect_timeout, config.read_timeout) == (5.0, 10.0)
    assert config.retries == {"mode": "standard", "total_max_attempts": attempts}


@pytest.mark.usefixtures("credentials")
def test_one_attempt_is_one_request() -> None:
    """With one attempt a quota error, which botocore calls throttling, is raised and not retried in silence."""
    client = make_client(ClientSettings(), attempts=1)
    sent: list[Any] = []

    def respond(request: Any) -> tuple[int, bytes]:
        sent.append(request)
        return 400, b'{"__type": "LimitExceededException", "message": "no"}'

    answer(client, respond)
    with pytest.raises(client.exceptions.LimitExceededException):
        client.get_remote_access_session(arn=EXAMPLE_ARN)
    assert len(sent) == 1


def test_no_credentials() -> None:
    """Without credentials there is no client, and one line says what to do."""
    with pytest.raises(ConfigurationError) as caught:
        make_client(ClientSettings())
    assert str(caught.value) == (
        "no AWS credentials were found: check AWS_PROFILE, --devicefarm-profile or the credentials of this environment"
    )


@pytest.mark.usefixtures("profiles")
def test_profile(monkeypatch: pytest.MonkeyPatch) -> None:
    """The profile that the user names is used, before that of the environment."""
    monkeypatch.setenv("AWS_PROFILE", "no-such-profile")
    client = make_client(ClientSettings(profile="phones"))
    assert _access_key(client) == "PHONES"
    assert client.meta.region_name == "us-west-2"
    with pytest.raises(ProfileNotFound):
        make_client(ClientSettings())
    monkeypatch.setenv("AWS_PROFILE", "phones")
    assert _access_key(make_client(ClientSettings())) == "PHONES"


@pytest.mark.parametrize("variable", ["AWS_PROFILE", "AWS_DEFAULT_PROFILE"])
def test_emulated_needs_no_profile(monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    """For the emulator neither a missing profile nor credentials of the environment matter."""
    monkeypatch.setenv(variable, "no-such-profile")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "real")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "real")
    settings = ClientSettings(endpoint_url="http://127.0.0.1:9", emulated=True)
    for service in ("devicefarm", "sts"):
        client = make_client(settings, service=service)  # type: ignore[arg-type]  # a str of the Literal
        assert client.meta.endpoint_url == "http://127.0.0.1:9"
        assert _access_key(client) == "emulator"


@pytest.mark.usefixtures("credentials")
def test_endpoint_is_device_farms(monkeypatch: pytest.MonkeyPatch) -> None:
    """--devicefarm-endpoint-url beats boto3's own variable, and is not STS's."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_DEVICE_FARM", "http://127.0.0.1:8")
    assert make_client(ClientSettings()).meta.endpoint_url == "http://127.0.0.1:8"
    settings = ClientSettings(endpoint_url="http://127.0.0.1:9")
    assert make_client(settings).meta.endpoint_url == "http://127.0.0.1:9"
    assert make_client(settings, service="sts").meta.endpoint_url == "https://sts.us-west-2.amazonaws.com"


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Everything that is logged at DEBUG, as pytest's log capture would show it."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield stream
    root.removeHandler(handler)
    root.setLevel(level)


PRESIGNED = f"https://bucket.example/app.ipa?X-Amz-Signature={CANARY}"
BODIES = {
    "session": {"remoteAccessSession": full(tomorrow=1)},
    "sessions": {"remoteAccessSessions": [full(), full(name='it\'s "quoted" \\')]},
    "quoted-secret": {"remoteAccessSession": full(endpoint=f'https://x.example/a"b\\"{CANARY}')},
    "apostrophe-secret": {"remoteAccessSession": full(endpoint=f"https://x.example/a'b\"{CANARY}")},
    "backslash-secret": {"remoteAccessSession": full(endpoint=f"https://x.example/\\\\{CANARY}\\", name="it's")},
    "upload": {"upload": {"arn": "U", "url": PRESIGNED, "name": "app"}},
}


@pytest.mark.usefixtures("credentials")
@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
@pytest.mark.parametrize("indent", [None, 2], ids=["compact", "pretty"])
def test_log_has_no_credential(log: io.StringIO, body: dict[str, Any], indent: int | None) -> None:
    """botocore logs whole bodies at DEBUG; what is a credential in them is not in the log, the rest is."""
    client = make_client(ClientSettings(), attempts=1)
    answer(client, lambda request: (200, json.dumps(body, indent=indent).encode()))
    client.get_remote_access_session(arn=EXAMPLE_ARN)
    said = log.getvalue()
    assert CANARY not in said
    assert "Response body:" in said
    assert "<redacted>" in said


@pytest.mark.usefixtures("credentials")
def test_log_keeps_the_rest(log: io.StringIO) -> None:
    """Bodies without a credential are logged as they are, and so is everything around one."""
    client = make_client(ClientSettings(), attempts=1)
    bodies = iter([{"remoteAccessSession": {"name": "plain"}}, {"remoteAccessSession": full()}])
    answer(client, lambda request: (200, json.dumps(next(bodies)).encode()))
    client.get_remote_access_session(arn=EXAMPLE_ARN)
    client.get_remote_access_session(arn=EXAMPLE_ARN)
    said = log.getvalue()
    assert """b'{"remoteAccessSession": {"name": "plain"}}'""" in said
    assert '"name": "nightly"' in said
    assert '"deviceUdid": "00008130-SESSION"' in said
    assert '"remoteDriverEndpoint": "<redacted>", "interactiveEndpoint": "<redacted>"' in said
    assert not [url for url in SECRETS.values() if url in said]


def test_endpoint_without_a_scheme_is_the_users_to_change(credentials: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """``AWS_ENDPOINT_URL_DEVICE_FARM=localhost:5000`` is an error of the set-up, in boto3's words."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_DEVICE_FARM", "localhost:5000")
    with pytest.raises(ConfigurationError) as caught:
        make_client(ClientSettings())
    assert str(caught.value) == "boto3 cannot make a client: Invalid endpoint: localhost:5000"
