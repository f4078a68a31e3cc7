"""URLs that are a credential for one file for a while, in the form of those that S3 presigns."""

import hashlib
import hmac
import secrets
import time
from collections.abc import Callable, Mapping
from urllib.parse import quote, urlencode

from .errors import ApiError
from .scenario import REGION

#: As those of Device Farm's own uploads: a day.
LIFETIME = 86400
_DATE = "%Y%m%dT%H%M%SZ"


class Presigner:
    """Makes URLs below `url` and knows them again; `epoch` is the emulator's time in seconds since 1970."""

    def __init__(self, url: str, epoch: Callable[[], float]) -> None:
        self._url = url
        self._epoch = epoch
        self._key = secrets.token_bytes(32)

    def url(self, method: str, path: str) -> str:
        """The URL at which `method` is allowed on `path`, which is not quoted yet."""
        date = time.strftime(_DATE, time.gmtime(self._epoch()))
        query = {
            "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
            "X-Amz-Credential": f"EMULATOR/{date[:8]}/{REGION}/s3/aws4_request",
            "X-Amz-Date": date,
            "X-Amz-Expires": str(LIFETIME),
            "X-Amz-SignedHeaders": "host",
            "X-Amz-Signature": self._signature(method, path, date),
        }
        return f"{self._url}{quote(path)}?{urlencode(query)}"

    def check(self, method: str, path: str, query: Mapping[str, str]) -> None:
        """Refuse, with ApiError as S3 words it, what is none of our URLs, or one whose time is over."""
        date = query.get("X-Amz-Date", "")
        signature = query.get("X-Amz-Signature", "")
        if not hmac.compare_digest(signature.encode(), self._signature(method, path, date).encode()):
            message = "The request signature we calculated does not match the signature you provided."
            raise ApiError("SignatureDoesNotMatch", message, 403)
        # Whole seconds, as the URL says it.
        if time.strftime(_DATE, time.gmtime(self._epoch() - LIFETIME)) > date:
            raise ApiError("AccessDenied", "Request has expired", 403)

    def _signature(self, method: str, path: str, date: str) -> str:
        text = f"{method}\n{path}\n{date}"
        return hmac.new(self._key, text.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()
