"""ARNs in requests: what they must look like, and the errors for those that lead nowhere."""

from .errors import ApiError
from .scenario import ACCOUNT, REGION


def check_arn(arn: str, *kinds: str) -> None:
    """Refuse an ARN that is malformed, or of another region, account or kind than one of `kinds`.

    "Invalid arn" is what the service answers to an ARN whose parts are not set off by colons
    (https://github.com/awslabs/wdio-aws-device-farm-service/issues/70).
    """
    parts = arn.split(":", 6)
    if len(parts) < 7 or parts[:3] != ["arn", "aws", "devicefarm"] or not all((parts[3], parts[5], parts[6])):
        raise ApiError("ValidationException", f"Invalid arn {arn}")
    region, account, actual = parts[3:6]
    if region != REGION:
        raise ApiError("ArgumentException", f"The arn {arn} is of region {region}; this is {REGION}")
    if actual not in kinds:
        raise ApiError("ArgumentException", f"The arn {arn} is that of a {actual}, not of a {' or '.join(kinds)}")
    # Devices belong to no account.
    if account != ("" if actual == "device" else ACCOUNT):
        raise ApiError("ArgumentException", f"The arn {arn} belongs to another account than {ACCOUNT}")


def not_found(kind: str, arn: str) -> ApiError:
    """The error for an ARN of nothing."""
    return ApiError("NotFoundException", f"Could not find a {kind} with the arn {arn}")
