"""ARNs of Device Farm, and the three ways in which a user names a session.

ARN shapes are those of the service model (``^arn:aws:devicefarm:.+``, 32 to 1011 characters) and of the reference
page, whose own example ``...:session:EXAMPLE-GUID-123-456`` has no slashes. Device Farm lives in us-west-2 only (AWS
general reference).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from ..errors import ConfigurationError, MalformedArn

REGION = "us-west-2"
_LENGTHS = range(32, 1012)
_RESOURCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]*")
_FORM = "arn:aws:devicefarm:us-west-2:{account}:{kind}:ID"
_CONSOLE_HOST = re.compile(r"(?:(?P<account>[0-9]{12})-[a-z0-9]+\.)?(?:[a-z0-9-]+\.)?console\.aws\.amazon\.com")
_CONSOLE_PATH = re.compile(
    r"/(?:mobile/)?projects/(?P<project>[\w.-]+)/(?P<kind>sessions|runs)/(?P<id>[\w.-]+)(?:/(?P<suffix>[0-9]+)(?:[/?].*)?)?",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Arn:
    """``arn:aws:devicefarm:us-west-2:ACCOUNT:KIND:RESOURCE``; the account of a public device is empty."""

    account: str
    kind: str
    resource: str

    def __str__(self) -> str:
        return f"arn:aws:devicefarm:{REGION}:{self.account}:{self.kind}:{self.resource}"

    @property
    def console_url(self) -> str | None:
        """The session's page in the AWS console; None where the resource is not ``PROJECT/SESSION/SUFFIX``."""
        parts = self.resource.split("/")
        if self.kind != "session" or len(parts) != 3:
            return None
        project, session, suffix = parts
        home = f"https://{REGION}.console.aws.amazon.com/devicefarm/home"
        return f"{home}#/mobile/projects/{project}/sessions/{session}/{suffix}"


@dataclass(frozen=True, slots=True)
class ConsolePage:
    """A session's page in the AWS console. ``account`` is None where the URL does not say it."""

    account: str | None
    resource: str

    def arn(self, account: str) -> Arn:
        """The page's session, in the 12-digit ``account``."""
        return Arn(self.account or account, "session", self.resource)


@dataclass(frozen=True, slots=True)
class SessionName:
    """A session's name, to be looked up in a project."""

    name: str

    def __str__(self) -> str:
        return self.name


SessionReference = Arn | ConsolePage | SessionName


def parse_arn(text: str, kind: str) -> Arn:
    """Parse an ARN of this ``kind`` (``session``, ``project``, ...); raise `MalformedArn` with the reason."""
    form = _FORM.format(account="" if kind == "device" else "ACCOUNT", kind=kind)
    if len(text) not in _LENGTHS:
        raise MalformedArn(text, f"{len(text)} characters, an ARN has 32 to 1011; expected {form}")
    prefix, _, rest = text.partition(":")
    fields = rest.split(":", 4)
    if prefix != "arn" or len(fields) != 5:
        raise MalformedArn(text, f"expected {form}")
    partition, service, region, account, tail = fields
    found, _, resource = tail.partition(":")
    if partition != "aws":
        raise MalformedArn(text, f"its partition is {partition!r}, Device Farm is in 'aws' only; expected {form}")
    if service != "devicefarm":
        raise MalformedArn(text, f"it is of the service {service!r}; expected {form}")
    if region != REGION:
        raise MalformedArn(text, f"its region is {region!r}, Device Farm is in {REGION} only; expected {form}")
    if found != kind:
        named = (f"a {found}" if found.isalnum() else repr(found)) if found else "nothing"
        wanted = f"an {kind}" if kind[0] in "aeiou" else f"a {kind}"
        raise MalformedArn(text, f"it names {named}, not {wanted}; expected {form}")
    if not re.fullmatch("[0-9]{12}", account) and not (kind == "device" and not account):  # most devices are AWS's
        raise MalformedArn(text, f"its account {account!r} is not 12 digits; expected {form}")
    if not resource:
        raise MalformedArn(text, f"it has no ID; expected {form}")
    if not _RESOURCE.fullmatch(resource):
        raise MalformedArn(text, f"its ID {resource[:80]!r} has more than letters, digits and ._/-")
    return Arn(account, kind, resource)


def parse_session(text: str) -> SessionReference:
    """Tell an ARN, a console URL and a name apart; raise `ConfigurationError` for a broken one of the first two."""
    text = text.strip()
    if text.startswith("arn:"):
        return parse_arn(text, "session")
    if text.lower().startswith(("https://", "http://")):
        return _parse_console_url(text)
    if not text or len(text) > 256 or not text.isprintable():
        raise ConfigurationError(
            f"{_short(text)!r} is no session: give an ARN, a console URL, or a name (1 to 256 printable characters)"
        )
    return SessionName(text)


def parse_project(text: str) -> Arn | str:
    """A project's ARN or name; raise `ConfigurationError` for a broken one."""
    text = text.strip()
    if text.startswith("arn:"):
        return parse_arn(text, "project")
    if not text or len(text) > 256 or not text.isprintable():
        raise ConfigurationError(
            f"{_short(text)!r} is no project: give an ARN, or a name (1 to 256 printable characters)"
        )
    return text


def _parse_console_url(url: str) -> ConsolePage:
    form = f"https://{REGION}.console.aws.amazon.com/devicefarm/home#/mobile/projects/P/sessions/S/00000"
    try:
        parts = urlsplit(url)
        host = _CONSOLE_HOST.fullmatch(parts.hostname or "")
    except ValueError:  # a broken IPv6 address, for one
        host = None
    if host is None:
        raise ConfigurationError(f"{_short(url)!r} is no page of the AWS console: expected {form}")
    page = _CONSOLE_PATH.fullmatch(parts.fragment or parts.path)
    if page is None:
        raise ConfigurationError(f"{_short(url)!r} is no session's page: expected {form}")
    if page["kind"] != "sessions":
        raise ConfigurationError(f"{_short(url)!r} is the page of a run, not of a session: expected {form}")
    for region in _regions_of(parts.hostname or "", parts.query):
        if region != REGION:
            raise ConfigurationError(f"{_short(url)!r} is in {region}, Device Farm is in {REGION} only")
    return ConsolePage(host["account"], f"{page['project']}/{page['id']}/{page['suffix'] or '00000'}")


def _regions_of(host: str, query: str) -> list[str]:
    return re.findall(r"(?:^|&)region=([a-z0-9-]+)", query) + re.findall(
        r"(?:^|\.)([a-z]{2}(?:-[a-z]+)+-\d)\.console\.", host
    )


def _short(text: str) -> str:
    return text if len(text) <= 200 else f"{text[:200]}..."
