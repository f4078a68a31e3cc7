"""Logging in, on whatever phone the session has."""

import pytest


def test_log_in(login_screen):
    message = login_screen.log_in("ada", "lovelace")
    assert message.text == "Welcome back"
    message.close()
    assert login_screen.user == "ada"


def test_a_forgotten_password(login_screen):
    assert login_screen.forget_password().text == "We have sent you a mail"


@pytest.mark.parametrize(("button", "offered"), [("login", True), ("checkout", False)])
def test_what_is_offered(login_screen, button, offered):
    assert login_screen.offers(button) is offered


@pytest.mark.devicefarm_capabilities(language="de", locale="DE")
def test_in_german(login_screen, devicefarm_driver):
    assert devicefarm_driver.capabilities["language"] == "de"
    assert login_screen.offers("login")


def test_the_phone_is_known(devicefarm_driver, devicefarm_device):
    assert devicefarm_driver.session_id
    assert devicefarm_device.platform == "ANDROID"
