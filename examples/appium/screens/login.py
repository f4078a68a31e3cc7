"""The first screen."""

from __future__ import annotations

from appium.webdriver.common.appiumby import AppiumBy
from appium.webdriver.webdriver import WebDriver


class LoginScreen:
    def __init__(self, driver: WebDriver) -> None:
        self._driver = driver

    def log_in(self, user: str, password: str) -> Message:
        """Type both and tap; what the app then says."""
        self._type("user", user)
        self._type("password", password)
        return self._tap("login")

    def forget_password(self) -> Message:
        return self._tap("forgotten")

    @property
    def user(self) -> str:
        return str(self._find("user").text)

    def offers(self, button: str) -> bool:
        """Whether a button can be seen."""
        return bool(self._find(button).is_displayed())

    def _find(self, name: str):
        return self._driver.find_element(AppiumBy.ACCESSIBILITY_ID, name)

    def _type(self, name: str, text: str) -> None:
        self._find(name).send_keys(text)

    def _tap(self, name: str) -> Message:
        self._find(name).click()
        return Message(self._driver)


class Message:
    """An alert in front of a screen."""

    def __init__(self, driver: WebDriver) -> None:
        self._alert = driver.switch_to.alert

    @property
    def text(self) -> str:
        return str(self._alert.text)

    def close(self) -> None:
        self._alert.accept()
