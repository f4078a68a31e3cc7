"""Errors as AWS words them, before they are put into one of AWS's wire formats."""


class ApiError(Exception):
    """An answer that is an error: its code, its message, its HTTP status."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status


class ConnectionDropped(Exception):
    """Close the connection and answer nothing."""
