"""What the Appium endpoint refuses, as data, and the pure functions that apply it to a WebDriver request.

Sources, pages of the developer guide (docs.aws.amazon.com/devicefarm/latest/developerguide/):

- appium-endpoint-support: the refused device commands and execute methods are its lists, whole. Of capabilities it
  names `udid` and `platformVersion`; the rest it describes: "certain capabilities related to ChromeDriver on
  Android and WebDriverAgent on iOS", and those "only supported on emulators and simulators". Which exactly is
  unknown: here they are the ones that the pages of the UiAutomator2 and XCUITest drivers describe so and that name
  something of the machine Appium runs on.
- limits, "Appium endpoint limits": sizes, times, no BiDi, no plugins, two drivers.
- appium-endpoint-interaction: where apps come from.

What the service answers to a refused method or capability is not written anywhere; the errors are WebDriver's.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


#: The drivers of the endpoint; and Appium's own stand-in for a driver, which drives no device, for trying things out.
DRIVERS = ("XCUITest", "UiAutomator2", "Fake")

#: POST /session/{id}/appium/device/{command}
DEVICE_COMMANDS = _words(
    """
    install_app finger_print send_sms gsm_call gsm_signal gsm_voice power_ac power_capacity network_speed shake
    """
)

#: POST /session/{id}/execute/sync with the script `mobile: {method}`
EXECUTE_METHODS = _words(
    """
    installApp execEmuConsoleCommand fingerprint gsmCall gsmSignal sendSms gsmVoice powerAC powerCapacity networkSpeed
    sensorSet injectEmulatorCameraImage isGpsEnabled shake clearApp clearKeychains configureLocalization
    enrollBiometric getPasteboard installXCTestBundle listXCTestBundles listXCTestsInTestBundle runXCTest
    sendBiometricMatch setPasteboard setPermission startAudioRecording startLogsBroadcast startRecordingScreen
    startScreenStreaming startXCTestScreenRecording stopAudioRecording stopLogsBroadcast stopRecordingScreen
    stopScreenStreaming stopXCTestScreenRecording updateSafariPreferences
    """
)

#: POST /session/{id}/appium/{command}: Appium has the route, a plugin (execute-driver, images) the answer.
PLUGIN_COMMANDS = frozenset({"execute_driver", "compare_images"})
#: The locator strategy of the plugin images.
PLUGIN_STRATEGY = "-image"

_OF_A_DEVICE = "it is specific to a device, and the session has its own"
_OF_CHROMEDRIVER = "of ChromeDriver, which the service runs"
_OF_WEB_DRIVER_AGENT = "of WebDriverAgent, which the service builds and runs"
_OF_EMULATORS = "for emulators and simulators only"

#: Without `appium:`; the reason is said in the answer.
CAPABILITIES = {
    **dict.fromkeys(("udid", "platformVersion"), _OF_A_DEVICE),
    **dict.fromkeys(
        _words(
            """
        chromedriverPort chromedriverPorts chromedriverExecutable chromedriverExecutableDir
        chromedriverChromeMappingFile chromedriverUseSystemExecutable chromedriverDisableBuildCheck
        """
        ),
        _OF_CHROMEDRIVER,
    ),
    **dict.fromkeys(
        _words(
            """
        agentPath bootstrapPath webDriverAgentUrl wdaBaseUrl wdaLocalPort wdaRemotePort wdaBindingIP useNewWDA
        usePrebuiltWDA usePreinstalledWDA prebuiltWDAPath useXctestrunFile derivedDataPath updatedWDABundleId
        updatedWDABundleIdSuffix xcodeOrgId xcodeSigningId xcodeConfigFile keychainPath keychainPassword
        allowProvisioningDeviceRegistration
        """
        ),
        _OF_WEB_DRIVER_AGENT,
    ),
    **dict.fromkeys(
        _words(
            """
        avd avdArgs avdEnv avdLaunchTimeout avdReadyTimeout gpsEnabled isHeadless networkSpeed
        enforceFreshSimulatorCreation shutdownOtherSimulators simulatorDevicesSetPath simulatorLogLevel
        simulatorPasteboardAutomaticSync simulatorStartupTimeout simulatorTracePointer simulatorWindowCenter
        iosSimulatorLogsPredicate calendarAccessAuthorized connectHardwareKeyboard
        forceSimulatorSoftwareKeyboardPresence scaleFactor
        """
        ),
        _OF_EMULATORS,
    ),
}


@dataclass(frozen=True)
class Refusal:
    """A WebDriver error in place of an answer: HTTP status, error code, message."""

    status: int
    error: str
    message: str


def unsupported(message: str) -> Refusal:
    """WebDriver's own error for what an endpoint does not do."""
    return Refusal(500, "unsupported operation", f"{message}: see appium-endpoint-support in the developer guide")


def refused(method: str, command: str, body: dict[str, Any] | None) -> Refusal | None:
    """What the endpoint answers to a request that it does not pass on; None for one that it does.

    `command` is the path from `/session` on; `body` its JSON object, None where there is none.
    """
    given = body or {}
    match method, command.strip("/").split("/"):
        case "POST", ["session"]:
            return _refused_session(given)
        case _, ["session", _, "appium", "device", name] if name in DEVICE_COMMANDS:
            return unsupported(f"the device command {name} is not available on the Appium endpoint")
        case _, ["session", _, "appium", name] if name in PLUGIN_COMMANDS:
            return unsupported(f"{name} is of an Appium plugin, and the Appium endpoint has none")
        case "POST", ["session", _, "execute", *_]:
            name = str(given.get("script", "")).strip().removeprefix("mobile:").strip()
            if name in EXECUTE_METHODS:
                return unsupported(f"the execute method {name} is not available on the Appium endpoint")
        case "POST", ["session", *_, "element" | "elements"] if given.get("using") == PLUGIN_STRATEGY:
            return unsupported(f"finding by {PLUGIN_STRATEGY} is of an Appium plugin, and the Appium endpoint has none")
    return None


def with_apps(body: dict[str, Any], app: str | None, others: Sequence[str]) -> dict[str, Any]:
    """A new session's request, with the Device Farm session's apps as defaults, as the guide has it.

    What the request names itself stays. `otherApps` is JSON in a string, as the guide shows it.
    """
    defaults: dict[str, Any] = {"appium:app": app} if app is not None else {}
    if others:
        defaults["appium:otherApps"] = json.dumps(list(others))
    asked = body.get("capabilities")
    if not defaults or not isinstance(asked, dict):
        return body
    always, first = asked.get("alwaysMatch", {}), asked.get("firstMatch", [{}])
    if not (isinstance(always, dict) and isinstance(first, list) and all(isinstance(each, dict) for each in first)):
        return body
    # Into `firstMatch`, whose entries may each have an app of their own: WebDriver allows no name in both.
    filled = [
        {name: value for name, value in defaults.items() if not _names(always, name) and not _names(each, name)} | each
        for each in first
    ]
    return body | {"capabilities": asked | {"firstMatch": filled}}


def _refused_session(body: dict[str, Any]) -> Refusal | None:
    for name, value in _capabilities(body):
        if reason := _why_not(name, value):
            return Refusal(500, "session not created", f"the Appium endpoint does not take {name}: {reason}")
    return None


def _why_not(name: str, value: Any) -> str | None:
    if name in CAPABILITIES:
        return CAPABILITIES[name]
    if name == "webSocketUrl" and value:
        return "WebDriver BiDi is not supported"
    if name == "automationName" and str(value).lower() not in [driver.lower() for driver in DRIVERS]:
        return f"its drivers are {DRIVERS[0]} and {DRIVERS[1]}, not {value!r}"
    if name == "app" and isinstance(value, str) and not value.startswith(("https://", "s3://")):
        return (
            "it must be an https:// URL or an s3:// URI, not a local path: install the app with the session "
            "(appArn) or into it (InstallToRemoteAccessSession), and leave the capability out"
        )
    return None


def _capabilities(body: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Every capability that a new session asks for, without `appium:`, those inside `appium:options` too."""
    asked = body.get("capabilities")
    if not isinstance(asked, dict):
        return
    first = asked.get("firstMatch")
    for each in (asked.get("alwaysMatch"), *(first if isinstance(first, list) else ())):
        if isinstance(each, dict):
            yield from ((name.removeprefix("appium:"), value) for name, value in each.items())
            if isinstance(options := each.get("appium:options"), dict):
                yield from ((name.removeprefix("appium:"), value) for name, value in options.items())


def _names(capabilities: dict[str, Any], name: str) -> bool:
    options = capabilities.get("appium:options")
    return name in capabilities or (isinstance(options, dict) and bool({name, name[7:]} & options.keys()))
