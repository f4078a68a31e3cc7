"""All of the emulator that needs werkzeug and botocore, in one import."""

from .app import App
from .appium import Endpoints
from .farm import Farm
from .faults import Faults
from .iam import Policy
from .limits import RateLimits
from .model import installed
from .proxy import check_url
from .server import Server, listen

__all__ = ["App", "Endpoints", "Farm", "Faults", "Policy", "RateLimits", "Server", "check_url", "installed", "listen"]
