"""Which certificates to trust."""

from __future__ import annotations

import os
import ssl

import botocore.httpsession


def tls_context(url: str) -> ssl.SSLContext | None:
    """For a request to ``url`` that boto3 does not make; None where it is not HTTPS.

    The certificates that botocore trusts, so that such a URL works wherever AWS does.
    """
    if not url.startswith("https:"):
        return None
    return ssl.create_default_context(cafile=os.environ.get("AWS_CA_BUNDLE") or botocore.httpsession.where())
