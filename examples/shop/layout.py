"""How the shop lays out its catalogue."""

MINIMUM_OS = {"IOS": (16, 0), "ANDROID": (11, 0)}


def columns(width: int, form_factor: str) -> int:
    """How many products stand side by side on a screen that is ``width`` pixels wide."""
    narrowest = 360 if form_factor == "TABLET" else 540
    return max(1, width // narrowest)


def supports(platform: str, version: str) -> bool:
    """Whether the app runs on a version of a platform."""
    numbers = tuple(int(part) for part in version.split(".")[:2])
    return numbers >= MINIMUM_OS[platform]
