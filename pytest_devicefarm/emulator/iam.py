"""What an IAM policy allows: the identity-based policy that a scenario may carry, and its answer to a call.

Sources: IAM's user guide, pages reference_policies_grammar, reference_policies_elements_action and
reference_policies_elements_resource (how patterns match), reference_policies_evaluation-logic (an explicit deny wins,
what nothing allows is denied), troubleshoot_access-denied (the wording); for the resources of each action the
service authorization reference, page list_devicefarm. That an action with several resources needs each of them is
seen in https://github.com/code-dot-org/code-dot-org/pull/72408, the wording for Device Farm in its pull/72393.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .errors import ApiError
from .scenario import USER_ARN, ScenarioError

#: The members of a request that name the resources that its action is checked on; dotted where they are nested.
#: Those that may be left out are checked where they are there. Nothing: the action knows no resource but `*`.
#: ListArtifacts documents runs and their parts only; a session's ARN is checked the same way.
RESOURCES: dict[str, tuple[str, ...]] = {
    "CreateProject": (),
    "CreateRemoteAccessSession": (
        "projectArn",
        "deviceArn",
        "instanceArn",
        "appArn",
        "remoteRecordAppArn",
        "configuration.auxiliaryApps",
    ),
    "CreateUpload": ("projectArn",),
    "DeleteRemoteAccessSession": ("arn",),
    "DeleteUpload": ("arn",),
    "GetAccountSettings": (),
    "GetDevice": ("arn",),
    "GetDeviceInstance": ("arn",),
    "GetProject": ("arn",),
    "GetRemoteAccessSession": ("arn",),
    "GetUpload": ("arn",),
    "InstallToRemoteAccessSession": ("remoteAccessSessionArn", "appArn"),
    "ListArtifacts": ("arn",),
    "ListDeviceInstances": (),
    "ListDevices": (),
    "ListProjects": (),
    "ListRemoteAccessSessions": ("arn",),
    "ListTagsForResource": ("ResourceARN",),
    "ListUploads": ("arn",),
    "StopRemoteAccessSession": ("arn",),
    "TagResource": ("ResourceARN",),
    "UntagResource": ("ResourceARN",),
}

_VERSIONS = ("2012-10-17", "2008-10-17")
_ACTION = re.compile(r"\*|[A-Za-z0-9-]+:[A-Za-z0-9*?]+")
_ELEMENTS = ("Sid", "Effect", "Action", "NotAction", "Resource", "NotResource")


@dataclass(frozen=True)
class _Statement:
    effect: str
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    #: NotAction, NotResource: all but these.
    but_actions: bool
    but_resources: bool

    def covers(self, action: str, resource: str) -> bool:
        """Whether it says something about this action on this resource."""
        acts = any(_like(pattern.lower(), action.lower()) for pattern in self.actions)
        hits = any(_like_arn(pattern, resource) for pattern in self.resources)
        return acts != self.but_actions and hits != self.but_resources


class Policy:
    """An identity-based policy, of the only user that the emulator knows.

    Raises ScenarioError for what is no policy, and for one that says what is not evaluated here: a policy that is
    half understood would allow too much.
    """

    def __init__(self, document: Mapping[str, Any]) -> None:
        for key in document:
            if key not in ("Version", "Id", "Statement"):
                raise ScenarioError(f"iam: unknown element {key}; a policy has Version, Id and Statement")
        if document.get("Version", _VERSIONS[1]) not in _VERSIONS:
            raise ScenarioError(f"iam: Version must be {' or '.join(_VERSIONS)}, not {document['Version']!r}")
        statements = document.get("Statement")
        if isinstance(statements, Mapping):
            statements = [statements]
        if not isinstance(statements, list | tuple) or not statements:
            raise ScenarioError("iam: a policy needs a Statement, or a list of them")
        self._statements = [_statement(each, f"iam: Statement[{n}]") for n, each in enumerate(statements, 1)]

    def check(self, operation: str, params: Mapping[str, Any]) -> None:
        """Refuse a call that the policy does not allow, worded as AWS does.

        Raises ApiError: AccessDeniedException, of the first resource that the call may not be made on.
        """
        action = f"devicefarm:{operation}"
        resources = list(resources_of(operation, params))
        for resource in resources:
            if self._says("Deny", action, resource):
                raise _denied(action, resource, "with an explicit deny in an identity-based policy")
        for resource in resources:
            if not self._says("Allow", action, resource):
                raise _denied(action, resource, f"because no identity-based policy allows the {action} action")

    def _says(self, effect: str, action: str, resource: str) -> bool:
        return any(each.effect == effect and each.covers(action, resource) for each in self._statements)


def resources_of(operation: str, params: Mapping[str, Any]) -> Iterator[str]:
    """The resources that a call is checked on: ARNs, or `*` where its action has none."""
    found = False
    for path in RESOURCES.get(operation, ()):
        value: Any = params
        for name in path.split("."):
            value = value.get(name) if isinstance(value, Mapping) else None
        for arn in value if isinstance(value, list) else [value]:
            if isinstance(arn, str):
                found = True
                yield arn
    if not found:
        yield "*"


def _denied(action: str, resource: str, why: str) -> ApiError:
    message = f"User: {USER_ARN} is not authorized to perform: {action} on resource: {resource} {why}"
    return ApiError("AccessDeniedException", message)


def _statement(given: Any, where: str) -> _Statement:
    if not isinstance(given, Mapping):
        raise ScenarioError(f"{where}: must be a JSON object, not {given!r}")
    if "Condition" in given:
        raise ScenarioError(f"{where}: Condition is not evaluated here; leave it out, or write what it comes to")
    for key in given:
        if key in ("Principal", "NotPrincipal"):
            raise ScenarioError(f"{where}: {key} is of resource-based policies; this one is the caller's own")
        if key not in _ELEMENTS:
            raise ScenarioError(f"{where}: unknown element {key}; it has {', '.join(_ELEMENTS)}")
    if given.get("Effect") not in ("Allow", "Deny"):
        raise ScenarioError(f"{where}: Effect must be Allow or Deny, not {given.get('Effect')!r}")
    but_actions, actions = _one_of(given, "Action", where)
    but_resources, resources = _one_of(given, "Resource", where)
    for action in actions:
        if not _ACTION.fullmatch(action):
            raise ScenarioError(f"{where}: {action!r} is no action: write * or service:Name, with * and ? in the name")
    for resource in resources:
        if "${" in resource:
            raise ScenarioError(f"{where}: policy variables are not evaluated here: {resource!r}")
        if resource != "*" and not resource.startswith("arn:"):
            raise ScenarioError(f"{where}: {resource!r} is no resource: write * or an ARN, with * and ? in its parts")
    return _Statement(given["Effect"], actions, resources, but_actions, but_resources)


def _one_of(given: Mapping[str, Any], name: str, where: str) -> tuple[bool, tuple[str, ...]]:
    """Whether it is `Not...`, and the patterns."""
    there = [key for key in (name, f"Not{name}") if key in given]
    if len(there) != 1:
        raise ScenarioError(f"{where}: needs {name} or Not{name}, one of the two")
    patterns = given[there[0]]
    if isinstance(patterns, str):
        patterns = [patterns]
    if not isinstance(patterns, list | tuple) or not patterns or not all(isinstance(each, str) for each in patterns):
        raise ScenarioError(f"{where}: {there[0]} must be a string or a list of strings, not {patterns!r}")
    return there[0] != name, tuple(patterns)


def _like(pattern: str, text: str) -> bool:
    parts = (".*" if char == "*" else "." if char == "?" else re.escape(char) for char in pattern)
    return re.fullmatch("".join(parts), text, re.DOTALL) is not None


def _like_arn(pattern: str, resource: str) -> bool:
    """Part by part: a wildcard does not reach over the colons between the six parts of an ARN."""
    if "*" in (pattern, resource):
        return pattern == "*"
    wanted, actual = pattern.split(":", 5), resource.split(":", 5)
    # IAM fills the missing parts of an incomplete ARN with `*`.
    wanted += ["*"] * (6 - len(wanted))
    return len(actual) == 6 and all(_like(*pair) for pair in zip(wanted, actual, strict=True))
