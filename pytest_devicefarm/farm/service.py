"""One run's way to Device Farm: one client, and one pace of readings for all its sessions."""

from __future__ import annotations

from threading import Lock
from typing import Any

from ..model.session import RemoteAccessSession
from ..settings import ClientSettings
from .client import make_client
from .clock import Clock
from .pace import Turns
from .retry import attempt
from .skew import Skew

_READS_A_SECOND = 5.0  #: over all sessions; AWS allows ten to an account


class Service:
    """Device Farm as a run uses it; any thread may call it.

    ``client`` is one that a user's hook supplied; without it the client is made on first use.
    """

    def __init__(self, settings: ClientSettings, client: Any | None = None) -> None:
        self.settings = settings
        self.skew = Skew()
        self._client = client
        self._making = Lock()
        self.turns = Turns(_READS_A_SECOND)  #: of whoever reads

    def connect(self) -> Any:
        """The boto3 client; raises what `farm.client.explain` makes of boto3's errors."""
        with self._making:
            if self._client is None:
                # One attempt a call: deadlines are kept here, and botocore would retry a real quota error in silence.
                self._client = attempt(lambda: make_client(self.settings, attempts=1), "connecting to Device Farm")
            return self._client

    def account(self) -> str:
        """The 12 digits of the account, from STS."""
        sts = make_client(self.settings, service="sts", attempts=1)
        return str(sts.get_caller_identity()["Account"])

    def read(self, arn: str, clock: Clock) -> RemoteAccessSession:
        """Read a session once, when it is its turn; raises what boto3 raises."""
        self.turns.take(clock)
        asked = clock.now()
        answer = self.connect().get_remote_access_session(arn=arn)
        self.skew.learn(answer, asked, clock.now())
        # Of a body that is not JSON botocore makes an answer without members: a KeyError, which counts as unreadable.
        return RemoteAccessSession.from_response({"arn": arn, **answer["remoteAccessSession"]})
