"""The screens of a small shop app, as far as a test needs to know them."""
