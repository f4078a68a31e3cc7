"""A storage that plays tricks, and a boto3 client that leads there."""

from __future__ import annotations

import io
import secrets
import socket
import ssl
import zipfile
from dataclasses import dataclass
from threading import Thread
from typing import Any


@dataclass
class Request:
    """One PUT. ``size`` is the number of bytes that came after its head, ``body`` is them, where they are kept."""

    head: bytes
    body: bytearray
    size: int

    @property
    def line(self) -> bytes:
        return self.head.split(b"\r\n")[0]

    @property
    def upload(self) -> int:
        """Which upload's URL was asked for, from 1."""
        return int(self.line.partition(b"?")[0].rpartition(b"-")[2])


class Storage:
    """Answers connections, one each: with a status and a body, ``early`` before it reads, not at all for ``b""``, and
    ``drop`` hangs up in the middle. It is a client too, whose uploads have URLs of this storage.
    """

    def __init__(self, *answers: bytes, tls: ssl.SSLContext | None = None) -> None:
        self.requests: list[Request] = []
        self.created = 0
        self.secret = secrets.token_hex(8)  #: in every URL; in no text of a test, which a traceback would show
        self.keep = True
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._url = f"{'https' if tls else 'http'}://127.0.0.1:{self._listener.getsockname()[1]}/"
        if tls:
            self._listener = tls.wrap_socket(self._listener, server_side=True)
        self._thread = Thread(target=self._serve, args=(answers,), daemon=True)
        self._thread.start()

    def join(self) -> None:
        """Wait until all answers are given."""
        self._thread.join(10)

    def close(self) -> None:
        self._listener.close()
        self.join()

    def get_paginator(self, operation: str) -> Any:
        class Paginator:
            def paginate(self, **arguments: Any) -> Any:
                return [{"uploads": []}]

        return Paginator()

    def create_upload(self, **arguments: Any) -> Any:
        self.created += 1
        url = f"{self._url}{self.secret}-{self.created}?X-Amz-Signature={self.secret}"
        return {"upload": {"arn": f"arn:upload-{self.created}", "url": url, "status": "INITIALIZED"}}

    def get_upload(self, arn: str) -> Any:
        return {"upload": {"arn": arn, "type": "IOS_APP", "status": "SUCCEEDED"}}

    def _serve(self, answers: tuple[bytes, ...]) -> None:
        for answer in answers:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection:
                self._answer(connection, answer)

    def _answer(self, connection: socket.socket, answer: bytes) -> None:
        came = b""
        while b"\r\n\r\n" not in came:
            came += connection.recv(65536)
        head, _, body = came.partition(b"\r\n\r\n")
        head += b"\r\n"
        request = Request(head, bytearray(body), len(body))
        self.requests.append(request)
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        early = answer.startswith(b"early ")
        while request.size < (0 if early else length // 2 if answer == b"drop" else length):
            try:
                block = connection.recv(65536)
            except OSError:
                return
            if not block:
                return
            request.size += len(block)
            if self.keep:
                request.body += block
        if answer not in (b"", b"drop"):
            status, _, text = answer.removeprefix(b"early ").partition(b" <")
            text = b"<" + text if text else b""
            connection.sendall(b"HTTP/1.1 %s\r\nContent-Length: %d\r\n\r\n%s" % (status, len(text), text))


def zipped(files: dict[str, bytes]) -> bytes:
    """A zip file with these files."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return content.getvalue()
