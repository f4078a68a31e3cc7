"""Installing an app into a session that is RUNNING."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..errors import ConfigurationError, MalformedArn
from ..model.app import AppReference, Upload, parse_app
from ..model.arn import Arn, parse_arn
from .client import TransientError
from .clock import Clock
from .retry import persist
from .uploads import provide_app

#: Seconds for a file's upload, which may have 4 GB, and Device Farm's look at it.
PATIENCE = 900.0


def install_app(
    text: str, arn: str, *, client: Any, project: object, clock: Clock, say: Callable[[str], None]
) -> dict[str, Any]:
    """Install an app, an upload's ARN or a file of this host, into the session ``arn`` (InstallToRemoteAccessSession).

    Returns the Upload structure, as plain data, once Device Farm has accepted it; whether the app then installs, and
    when, the API does not tell. ``project`` is where a file is uploaded if the session's ARN does not tell its own.
    ``say`` gets a line for what is tried again. Raises `DeviceFarmError`.
    """
    deadline = clock.monotonic() + PATIENCE
    app = _uploaded(parse_app(text), arn, client, project, clock, deadline, say)

    def install() -> dict[str, Any]:
        answer = client.install_to_remote_access_session(remoteAccessSessionArn=arn, appArn=app)
        upload = answer.get("appUpload") if isinstance(answer, dict) else None
        if not isinstance(upload, dict):
            raise TransientError("the answer has no upload")
        return {name: value for name, value in upload.items() if name != "url"}  # presigned, and of no use here

    upload = persist(install, f"installing app {app} into session {arn}", deadline=deadline, clock=clock, trouble=say)
    return Upload.from_response({"arn": app, **upload}).to_wire()


def _uploaded(
    reference: AppReference,
    session: str,
    client: Any,
    project: object,
    clock: Clock,
    deadline: float,
    say: Callable[[str], None],
) -> str:
    """The ARN of the app's upload; a file is uploaded first."""
    if isinstance(reference, Arn):
        return str(reference)
    app = provide_app(
        reference,
        client=client,
        project=_project_of(session, project),
        clock=clock,
        deadline=deadline,
        progress=lambda sent: None,
        trouble=say,
    )
    return app.arn


def _project_of(session: str, given: object) -> str:
    try:
        own = session.split(":session:")[1].split("/")
        if len(own) > 1:
            return str(parse_arn(session.replace(":session:" + "/".join(own), f":project:{own[0]}"), "project"))
    except (IndexError, MalformedArn):
        pass
    if isinstance(given, Arn):
        return str(given)
    raise ConfigurationError(
        f"the ARN of session {session} does not tell its project, which a file is uploaded to: give the project's ARN "
        "with --devicefarm-project, or an upload's ARN in place of the file"
    )
