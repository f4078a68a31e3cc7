"""Appium on the device of a session: the driver that tests get, and what is said of it."""
