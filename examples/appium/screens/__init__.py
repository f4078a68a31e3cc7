"""The screens of the app, so that tests speak of logging in and not of locators."""
