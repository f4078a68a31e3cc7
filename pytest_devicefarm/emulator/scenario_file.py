"""Scenarios as TOML: the shipped ones by name, a user's own by path.

    [[session]]
    from_first_read = true
    fields = { interactionMode = "VIDEO_ONLY", device = { os = "18.1" } }

    [[session.step]]
    status = "PREPARING"
    seconds = 30

    [[session.step]]
    status = "RUNNING"

    [[fault]]
    operation = "GetRemoteAccessSession"
    kind = "throttling"
    calls = { every = 3 }

Keys are the attributes of the dataclasses in `scenario`, names inside `fields` the API's own.
"""

import json
import tomllib
from collections.abc import Callable, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

from .scenario import Artifact, Device, Fault, Project, Scenario, ScenarioError, Session, Step, Upload

#: For each table, its keys: how the value looks in words, and the test of it.
_Keys = dict[str, tuple[str, Callable[[Any], bool]]]


def _number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _integer(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _strings(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _texts(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(item, str) for item in value.values())


def _tables(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, dict) for item in value)


_STRING = ("a string", lambda value: isinstance(value, str))
_BOOLEAN = ("true or false", lambda value: isinstance(value, bool))
_NUMBER = ("a number", _number)
_TABLE = ("a table", lambda value: isinstance(value, dict))

_SCENARIO: _Keys = {
    "session": ("tables: [[session]]", _tables),
    "project": ("tables: [[project]]", _tables),
    "fault": ("tables: [[fault]]", _tables),
    "page_size": ("a whole number", _integer),
    "speed": _NUMBER,
    "device": ("tables: [[device]]", _tables),
    "upload": ("tables: [[upload]]", _tables),
    "catalogue": _BOOLEAN,
    "artifact": ("tables: [[artifact]]", _tables),
    "boot": ("tables: [[boot]]", _tables),
    "account": _TABLE,
    "metered_slots": ("a whole number", _integer),
    "rate_limits": _BOOLEAN,
    "stop_seconds": _NUMBER,
    "upload_seconds": _NUMBER,
    "video_seconds": _NUMBER,
    "busy_seconds": _NUMBER,
    "iam": ("a table, JSON in a string, or the path of a JSON file", lambda value: isinstance(value, dict | str)),
}
_SESSION: _Keys = {
    "arn": _STRING,
    "name": _STRING,
    "fields": _TABLE,
    "step": ("tables: [[session.step]]", _tables),
    "project": _STRING,
    "omit": ("a list of strings", _strings),
    "endpoint_bad_answers": ("a whole number", _integer),
    "from_first_read": _BOOLEAN,
    "unchecked": _BOOLEAN,
    "limits": _BOOLEAN,
    "tags": ("a table of strings", _texts),
}
_STEP: _Keys = {"status": _STRING, "seconds": _NUMBER, "fields": _TABLE}
_DEVICE: _Keys = {"arn": _STRING, "name": _STRING, "fields": _TABLE}
_UPLOAD: _Keys = {"arn": _STRING, "name": _STRING, "type": _STRING, "project": _STRING, "fields": _TABLE}
_ARTIFACT: _Keys = {
    "name": _STRING,
    "category": _STRING,
    "type": _STRING,
    "extension": _STRING,
    "count": ("a whole number", _integer),
    "seconds": _NUMBER,
    "size": ("a whole number", _integer),
    "fault": _STRING,
}
_PROJECT: _Keys = {"arn": _STRING, "name": _STRING, "fields": _TABLE}
_FAULT: _Keys = {
    "operation": _STRING,
    "kind": _STRING,
    "calls": (
        'a list of numbers, "all" or { every = n }',
        lambda value: isinstance(value, list | str | dict),
    ),
    "message": _STRING,
    "seconds": _NUMBER,
}


def scenario_names() -> list[str]:
    """The names of the shipped scenarios."""
    shipped = (files(__package__) / "scenarios").iterdir()
    return sorted(entry.name.removesuffix(".toml") for entry in shipped if entry.name.endswith(".toml"))


def load_scenario(name_or_path: str | Path) -> Scenario:
    """A shipped scenario by its name, or one in a TOML file: what has a slash or ends in `.toml` is a path.

    Raises ScenarioError for an unknown name, a file that cannot be read, and keys or values that it may not
    have.
    """
    name = str(name_or_path)
    if isinstance(name_or_path, Path) or name.endswith(".toml") or Path(name).name != name:
        try:
            text = Path(name_or_path).read_text("utf-8")
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
            raise ScenarioError(f"{name}: cannot be read: {reason}") from None
    elif name in (names := scenario_names()):
        text = (files(__package__) / "scenarios" / f"{name}.toml").read_text("utf-8")
    else:
        raise ScenarioError(f"no scenario {name!r}: take {', '.join(names)}, or the path of a .toml file")
    try:
        return _scenario(tomllib.loads(text), Path(name).parent)
    except tomllib.TOMLDecodeError as error:
        raise ScenarioError(f"{name}: not TOML: {error}") from None
    except ScenarioError as error:
        raise ScenarioError(f"{name}: {error}") from None


def _scenario(table: Mapping[str, Any], folder: Path) -> Scenario:
    given = _checked(table, "", _SCENARIO, ())
    if isinstance(policy := given.get("iam"), str):
        given["iam"] = _policy(policy, folder)
    for key, plural, make in (
        ("session", "sessions", _session),
        ("project", "projects", _project),
        ("fault", "faults", _fault),
        ("device", "devices", _device),
        ("upload", "uploads", _upload),
        ("artifact", "artifacts", _artifact),
        ("boot", "boot", _step),
    ):
        if key in given:
            given[plural] = tuple(make(entry, f"{key}[{n}]") for n, entry in enumerate(given.pop(key), 1))
    return Scenario(**given)


def _policy(text: str, folder: Path) -> dict[str, Any]:
    """A policy from JSON, or from a JSON file, whose path is relative to the scenario's own folder."""
    try:
        policy = json.loads(text if text.lstrip().startswith("{") else (folder / text).read_text("utf-8"))
    except OSError as error:
        raise ScenarioError(f"iam: {text}: cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise ScenarioError(f"iam: not JSON: {error}") from None
    if not isinstance(policy, dict):
        raise ScenarioError(f"iam: must be a JSON object, not {policy!r}")
    return policy


def _session(table: Mapping[str, Any], where: str) -> Session:
    given = _checked(table, where, _SESSION, ())
    if "step" in given:
        steps = enumerate(given.pop("step"), 1)
        given["steps"] = tuple(_step(step, f"{where}.step[{n}]") for n, step in steps)
    if "omit" in given:
        given["omit"] = tuple(given["omit"])
    return Session(**given)


def _step(table: Mapping[str, Any], where: str) -> Step:
    return Step(**_checked(table, where, _STEP, ("status",)))


def _device(table: Mapping[str, Any], where: str) -> Device:
    return Device(**_checked(table, where, _DEVICE, ("arn", "name")))


def _upload(table: Mapping[str, Any], where: str) -> Upload:
    return Upload(**_checked(table, where, _UPLOAD, ()))


def _artifact(table: Mapping[str, Any], where: str) -> Artifact:
    return Artifact(**_checked(table, where, _ARTIFACT, ()))


def _project(table: Mapping[str, Any], where: str) -> Project:
    return Project(**_checked(table, where, _PROJECT, ()))


def _fault(table: Mapping[str, Any], where: str) -> Fault:
    return Fault(**_checked(table, where, _FAULT, ("operation", "kind")))


def _checked(table: Mapping[str, Any], where: str, keys: _Keys, required: tuple[str, ...]) -> dict[str, Any]:
    """A copy of `table`: all its keys known, all required ones there, their values of the right type."""
    for key, value in table.items():
        path = f"{where}.{key}" if where else key
        if key not in keys:
            raise ScenarioError(f"{path}: unknown key; allowed: {', '.join(keys)}")
        words, fits = keys[key]
        if not fits(value):
            raise ScenarioError(f"{path}: must be {words}, not {value!r}")
    if missing := [key for key in required if key not in table]:
        raise ScenarioError(f"{where}: needs {' and '.join(missing)}; allowed: {', '.join(keys)}")
    return dict(table)
