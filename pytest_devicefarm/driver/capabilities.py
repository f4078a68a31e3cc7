"""What a driver is asked for: defaults by platform, what the user adds, and without what Device Farm refuses."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterable, Mapping
from typing import Any

from ..errors import ConfigurationError, DeviceFarmWarning
from ..model.session import Platform

#: Seconds without a command after which Appium ends a driver. Its own default, 60, ends one while the session lives;
#: twice Device Farm's limit (guide: 5 minutes) leaves the decision to Device Farm.
NEW_COMMAND_TIMEOUT = 600

_DRIVERS = {Platform.IOS: ("iOS", "XCUITest"), Platform.ANDROID: ("Android", "UiAutomator2")}


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


#: Names without a vendor (W3C WebDriver); all others are Appium's and get its prefix.
_STANDARD = _words(
    """
    platformName browserName browserVersion acceptInsecureCerts pageLoadStrategy proxy setWindowRect timeouts
    unhandledPromptBehavior strictFileInteractability userAgent webSocketUrl
    """
)

# The guide (appium-endpoint-support) names the first two and describes the others: of ChromeDriver, of WebDriverAgent,
# and for emulators and simulators only. Which those are, the pages of the two drivers say.
_OF_DEVICE = _words("udid platformVersion")
_OF_SERVICE = _words(
    """
    chromedriverPort chromedriverPorts chromedriverExecutable chromedriverExecutableDir chromedriverChromeMappingFile
    chromedriverUseSystemExecutable chromedriverDisableBuildCheck agentPath bootstrapPath webDriverAgentUrl wdaBaseUrl
    wdaLocalPort wdaRemotePort wdaBindingIP useNewWDA usePrebuiltWDA usePreinstalledWDA prebuiltWDAPath
    useXctestrunFile derivedDataPath updatedWDABundleId updatedWDABundleIdSuffix xcodeOrgId xcodeSigningId
    xcodeConfigFile keychainPath keychainPassword allowProvisioningDeviceRegistration
    """
)
_OF_EMULATORS = _words(
    """
    avd avdArgs avdEnv avdLaunchTimeout avdReadyTimeout gpsEnabled isHeadless networkSpeed
    enforceFreshSimulatorCreation shutdownOtherSimulators simulatorDevicesSetPath simulatorLogLevel
    simulatorPasteboardAutomaticSync simulatorStartupTimeout simulatorTracePointer simulatorWindowCenter
    iosSimulatorLogsPredicate calendarAccessAuthorized connectHardwareKeyboard forceSimulatorSoftwareKeyboardPresence
    scaleFactor
    """
)
#: Without Appium's prefix; the reason is for the warning.
FORBIDDEN = {
    **dict.fromkeys(_OF_DEVICE, "it is specific to a device, and the session has its own"),
    **dict.fromkeys(_OF_SERVICE, "the service runs that itself"),
    **dict.fromkeys(_OF_EMULATORS, "it is for emulators and simulators only"),
}
_LOCAL_APP = (
    "it must be an https:// URL or an s3:// URI, not a path: give the app to the session, or use devicefarm_install"
)


def defaults(platform: str | None) -> dict[str, Any]:
    """What a driver on this platform is asked for where the user says nothing else."""
    found: dict[str, Any] = {"appium:newCommandTimeout": NEW_COMMAND_TIMEOUT}
    if platform in _DRIVERS:
        found["platformName"], found["appium:automationName"] = _DRIVERS[Platform(platform)]
    return found


def merge(platform: str | None, given: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The defaults with each of ``given`` laid over them in turn; None takes a capability away.

    Names may lack Appium's prefix, and ``appium:options`` is spread out. What Device Farm refuses is left out with a
    `DeviceFarmWarning` that names it. Raises `ConfigurationError` for what is no mapping, or cannot be sent.
    """
    merged = defaults(platform)
    for capabilities in given:
        if not isinstance(capabilities, Mapping):
            raise ConfigurationError(
                f"devicefarm_capabilities is {_article(capabilities)}, not a dict: return a dict such as "
                '{"appium:bundleId": "com.example.app"}, or options.to_capabilities()'
            )
        merged |= _spread(capabilities)
    return {
        name: _sendable(name, value) for name, value in merged.items() if value is not None and _allowed(name, value)
    }


def of_mark(args: Iterable[Any], kwargs: Mapping[str, Any]) -> dict[str, Any]:
    """The capabilities of one ``@pytest.mark.devicefarm_capabilities({...}, name=value)``."""
    found: dict[str, Any] = {}
    for each in args:
        if not isinstance(each, Mapping):
            raise ConfigurationError(
                f"@pytest.mark.devicefarm_capabilities takes dicts and keywords, not {_article(each)}: {each!r}"
            )
        found |= _spread(each)
    return found | _spread(kwargs)


def _spread(capabilities: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in capabilities.items():
        if not isinstance(name, str):
            raise ConfigurationError(f"the name of a capability is a text, not {_article(name)}: {name!r}")
        full = _full(name)
        if full == "appium:options" and isinstance(value, Mapping):
            found |= _spread(value)
        else:
            found[full] = value
    return found


def _full(name: str) -> str:
    return name if ":" in name or name in _STANDARD else f"appium:{name}"


def _sendable(name: str, value: Any) -> Any:
    try:
        json.dumps(value)
    except (TypeError, ValueError) as error:
        raise ConfigurationError(
            f"the capability {name} cannot be sent ({error}): give a text, a number, a bool, a list or a dict"
        ) from None
    return value


def _allowed(name: str, value: Any) -> bool:
    reason = _refusal(name.removeprefix("appium:"), value)
    if reason:
        message = f"the capability {name} is left out: Device Farm refuses it ({reason})"
        warnings.warn(DeviceFarmWarning(message), stacklevel=2)
    return reason is None


def _refusal(name: str, value: Any) -> str | None:
    if name == "app" and isinstance(value, str) and not value.startswith(("https://", "s3://")):
        return _LOCAL_APP
    if name == "webSocketUrl" and value:
        return "WebDriver BiDi is not supported"
    return FORBIDDEN.get(name)


def _article(value: object) -> str:
    name = type(value).__name__
    return f"{'an' if name[0].lower() in 'aeio' else 'a'} {name}"
