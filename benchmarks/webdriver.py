"""A WebDriver server that answers at once, in a process of its own: ``python webdriver.py`` prints its URL.

Appium takes milliseconds for a command and a phone takes tenths of a second: against those nothing of what is measured
here would be seen.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from .process import clean_environ


class Handler(BaseHTTPRequestHandler):
    """Every session is the same, and every command has no value."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body in one packet

    def do_GET(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        begins = self.command == "POST" and self.path.endswith("/session")
        value = {"sessionId": "1", "capabilities": {}} if begins else None
        content = json.dumps({"value": value}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_POST = do_DELETE = do_GET  # noqa: N815

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        pass


@contextmanager
def serve_webdriver() -> Iterator[str]:
    """The URL of a server that runs meanwhile."""
    command = [sys.executable, "-m", "benchmarks.webdriver"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=clean_environ())
    assert process.stdout is not None
    try:
        yield process.stdout.readline().strip()
    finally:
        process.terminate()
        process.wait()
        process.stdout.close()


if __name__ == "__main__":
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        print(f"http://127.0.0.1:{server.server_port}/wd/hub", flush=True)
        server.serve_forever()
