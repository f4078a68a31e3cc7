"""model/arn: what a user may name a session with, and every refusal."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pytest_devicefarm.errors import ConfigurationError, MalformedArn
from pytest_devicefarm.model.arn import Arn, ConsolePage, SessionName, parse_arn, parse_project, parse_session

from .unit_samples import CONSOLE_URL, EXAMPLE_ARN, PROJECT, SESSION, SESSION_ARN

FORM = "arn:aws:devicefarm:us-west-2:ACCOUNT:session:ID"
PAGE = "https://us-west-2.console.aws.amazon.com/devicefarm/home#/mobile/projects/P/sessions/S/00000"
PROJECT_ARN = f"arn:aws:devicefarm:us-west-2:123456789012:project:{PROJECT}"


@pytest.mark.parametrize(
    ("text", "arn"),
    [
        (EXAMPLE_ARN, Arn("123456789101", "session", "EXAMPLE-GUID-123-456")),
        (SESSION_ARN, Arn("123456789012", "session", f"{PROJECT}/{SESSION}/00000")),
        (f"  {EXAMPLE_ARN}\n", Arn("123456789101", "session", "EXAMPLE-GUID-123-456")),
        (
            f"arn:aws:devicefarm:us-west-2:123456789012:session:{'x' * 961}",
            Arn("123456789012", "session", "x" * 961),  # 1011 characters, the longest
        ),
    ],
    ids=["reference-page", "real", "blanks-around", "longest"],
)
def test_session_arn(text: str, arn: Arn) -> None:
    """The reference page's example, an ARN as the service makes them, and the model's longest are taken."""
    assert parse_session(text) == arn
    assert str(arn) == text.strip()


@pytest.mark.parametrize(
    ("text", "kind", "resource"),
    [
        (PROJECT_ARN, "project", PROJECT),
        (f"arn:aws:devicefarm:us-west-2:123456789012:upload:{PROJECT}/U-1", "upload", f"{PROJECT}/U-1"),
    ],
)
def test_other_kinds(text: str, kind: str, resource: str) -> None:
    """ARNs of the other kinds are read where they are asked for, and have no console page."""
    arn = parse_arn(text, kind)
    assert arn == Arn("123456789012", kind, resource)
    assert arn.console_url is None


def test_device_arn() -> None:
    """The device of AWS's own example has no account; one of an account is taken too, and no other kind lacks it."""
    public = "arn:aws:devicefarm:us-west-2::device:70D5B22608A149568923E4A225EC5E04"
    assert parse_arn(public, "device") == Arn("", "device", "70D5B22608A149568923E4A225EC5E04")
    assert str(parse_arn(public, "device")) == public
    assert parse_arn(public.replace("::", ":123456789012:"), "device").account == "123456789012"
    with pytest.raises(
        MalformedArn, match="its account '1' is not 12 digits; expected arn:aws:devicefarm:us-west-2::device:ID"
    ):
        parse_arn(public.replace("::", ":1:"), "device")
    with pytest.raises(MalformedArn, match="its account '' is not 12 digits"):
        parse_arn(public.replace("device:7", "deviceinstance:7"), "deviceinstance")


def _malformed(text: str, reason: str) -> str:
    shown = text if len(text) <= 120 else f"{text[:120]}... ({len(text)} characters)"
    return f"malformed ARN {shown!r}: {reason}"


REFUSED = {
    "empty": ("", f"0 characters, an ARN has 32 to 1011; expected {FORM}"),
    "short": ("arn:aws:devicefarm:us-west-2:1:", f"31 characters, an ARN has 32 to 1011; expected {FORM}"),
    "one-too-long": (
        f"arn:aws:devicefarm:us-west-2:123456789012:session:{'x' * 962}",
        f"1012 characters, an ARN has 32 to 1011; expected {FORM}",
    ),
    "5000": ("arn:" + "x" * 4996, f"5000 characters, an ARN has 32 to 1011; expected {FORM}"),
    "5000-control": ("arn:" + "\x00" * 4996, f"5000 characters, an ARN has 32 to 1011; expected {FORM}"),
    "few-fields": ("arn:aws:devicefarm:us-west-2-session-EXAMPLE", f"expected {FORM}"),
    "no-prefix": ("xrn:aws:devicefarm:us-west-2:123456789012:session:E", f"expected {FORM}"),
    "partition": (
        "arn:aws-cn:devicefarm:us-west-2:123456789012:session:E",
        f"its partition is 'aws-cn', Device Farm is in 'aws' only; expected {FORM}",
    ),
    "service": (
        "arn:aws:iam::123456789012:role/device-farm-runner",
        f"it is of the service 'iam'; expected {FORM}",
    ),
    "no-service": ("arn:aws::us-west-2:123456789012:session:E-1", f"it is of the service ''; expected {FORM}"),
    "region": (
        "arn:aws:devicefarm:eu-west-1:123456789012:session:E",
        f"its region is 'eu-west-1', Device Farm is in us-west-2 only; expected {FORM}",
    ),
    "no-region": (
        "arn:aws:devicefarm::123456789012:session:EXAMPLE",
        f"its region is '', Device Farm is in us-west-2 only; expected {FORM}",
    ),
    "run": (
        "arn:aws:devicefarm:us-west-2:123456789012:run:P/R",
        f"it names a run, not a session; expected {FORM}",
    ),
    "project": (PROJECT_ARN, f"it names a project, not a session; expected {FORM}"),
    "no-kind": ("arn:aws:devicefarm:us-west-2:123456789012:", f"it names nothing, not a session; expected {FORM}"),
    "no-account": (
        "arn:aws:devicefarm:us-west-2::session:EXAMPLE",
        f"its account '' is not 12 digits; expected {FORM}",
    ),
    "short-account": (
        "arn:aws:devicefarm:us-west-2:12345678901:session:EXAMPLE",
        f"its account '12345678901' is not 12 digits; expected {FORM}",
    ),
    "letters-account": (
        "arn:aws:devicefarm:us-west-2:12345678901x:session:EXAMPLE",
        f"its account '12345678901x' is not 12 digits; expected {FORM}",
    ),
    "control-id": (
        "arn:aws:devicefarm:us-west-2:123456789012:session:EX\x00\x1b[31mMPLE",
        r"its ID 'EX\x00\x1b[31mMPLE' has more than letters, digits and ._/-",
    ),
    "newline-id": (
        "arn:aws:devicefarm:us-west-2:123456789012:session:EX\nMPLE",
        r"its ID 'EX\nMPLE' has more than letters, digits and ._/-",
    ),
    "colon-id": (
        "arn:aws:devicefarm:us-west-2:123456789012:session:a:b",
        "its ID 'a:b' has more than letters, digits and ._/-",
    ),
    "umlaut-id": (
        "arn:aws:devicefarm:us-west-2:123456789012:session:ü",
        "its ID 'ü' has more than letters, digits and ._/-",
    ),
    "long-bad-id": (
        f"arn:aws:devicefarm:us-west-2:123456789012:session:{'x y' * 100}",
        f"its ID {('x y' * 100)[:80]!r} has more than letters, digits and ._/-",
    ),
}


@pytest.mark.parametrize(("text", "reason"), REFUSED.values(), ids=REFUSED)
def test_refused_arn(text: str, reason: str) -> None:
    """Each way in which a text is no session's ARN is refused with its own reason."""
    with pytest.raises(MalformedArn) as caught:
        parse_arn(text, "session")
    assert str(caught.value) == _malformed(text, reason)


def test_account_of_other_digits_is_refused() -> None:
    """An account in other than ASCII digits is no account."""
    account = "\u0661\u0662\u0663\u0664\u0665\u0666\u0667\u0668\u0669\u0660\u0661\u0662"
    text = f"arn:aws:devicefarm:us-west-2:{account}:session:EXAMPLE"
    with pytest.raises(MalformedArn) as caught:
        parse_session(text)
    assert str(caught.value) == _malformed(text, f"its account {account!r} is not 12 digits; expected {FORM}")


def test_kind_with_a_line_end_is_refused_on_one_line() -> None:
    """A control character in the kind does not break the error's line."""
    text = "arn:aws:devicefarm:us-west-2:123456789012:ses\nsion:EXAMPLE"
    with pytest.raises(MalformedArn) as caught:
        parse_session(text)
    assert len(str(caught.value).splitlines()) == 1


def test_missing_id_is_called_missing() -> None:
    """An ARN that ends after its kind is refused for what it lacks."""
    with pytest.raises(MalformedArn) as caught:
        parse_session("arn:aws:devicefarm:us-west-2:123456789012:session:")
    assert "more than letters" not in str(caught.value)


PAGES = {
    "plain": (CONSOLE_URL, None, f"{PROJECT}/{SESSION}/00000"),
    "region-query": (
        "https://us-west-2.console.aws.amazon.com/devicefarm/home?region=us-west-2#/mobile/projects/P/sessions/S/00000",
        None,
        "P/S/00000",
    ),
    "other-queries": (
        "https://us-west-2.console.aws.amazon.com/devicefarm/home?a=1&region=us-west-2&b#/mobile/projects/P/sessions/S/1",
        None,
        "P/S/1",
    ),
    "no-region-host": (
        "https://console.aws.amazon.com/devicefarm/home?region=us-west-2#/mobile/projects/P/sessions/S/00000",
        None,
        "P/S/00000",
    ),
    "account-host": (
        "https://123456789012-abcdefgh.us-west-2.console.aws.amazon.com/devicefarm/home#/mobile/projects/P/sessions/S/00000",
        "123456789012",
        "P/S/00000",
    ),
    "account-host-region": (
        "https://123456789012-abcdefgh.us-west-2.console.aws.amazon.com/devicefarm/home?region=us-west-2"
        "#/mobile/projects/P/sessions/S/00000",
        "123456789012",
        "P/S/00000",
    ),
    "no-mobile": (
        "https://us-west-2.console.aws.amazon.com/devicefarm/home#/projects/P/sessions/S/00000",
        None,
        "P/S/00000",
    ),
    "no-suffix": (
        "https://us-west-2.console.aws.amazon.com/devicefarm/home#/mobile/projects/P/sessions/S",
        None,
        "P/S/00000",
    ),
    "blanks-around": (f" {CONSOLE_URL}\n", None, f"{PROJECT}/{SESSION}/00000"),
    "host-in-capitals": (
        "https://US-WEST-2.console.aws.amazon.com/devicefarm/home#/mobile/projects/P/sessions/S/00000",
        None,
        "P/S/00000",
    ),
}


@pytest.mark.parametrize(("url", "account", "resource"), PAGES.values(), ids=PAGES)
def test_console_page(url: str, account: str | None, resource: str) -> None:
    """Every shape of a session's console page gives its project and session, and the account where the host has it."""
    page = parse_session(url)
    assert page == ConsolePage(account, resource)
    assert page.arn("999999999999") == Arn(account or "999999999999", "session", resource)


NO_PAGES = {
    "run": (
        "https://us-west-2.console.aws.amazon.com/devicefarm/home#/mobile/projects/P/runs/R",
        f" is the page of a run, not of a session: expected {PAGE}",
    ),
    "project": (
        "https://us-west-2.console.aws.amazon.com/devicefarm/home#/mobile/projects/P/sessions",
        f" is no session's page: expected {PAGE}",
    ),
    "home": ("https://us-west-2.console.aws.amazon.com/devicefarm/home", f" is no session's page: expected {PAGE}"),
    "other-host": (
        "https://example.com/devicefarm/home#/mobile/projects/P/sessions/S/00000",
        f" is no page of the AWS console: expected {PAGE}",
    ),
    "host-in-front": (
        "https://us-west-2.console.aws.amazon.com.example.com/devicefarm/home#/mobile/projects/P/sessions/S/00000",
        f" is no page of the AWS console: expected {PAGE}",
    ),
    "no-host": ("https://", f" is no page of the AWS console: expected {PAGE}"),
    "broken-host": ("https://[::1/devicefarm", f" is no page of the AWS console: expected {PAGE}"),
    "other-region": (
        "https://eu-west-1.console.aws.amazon.com/devicefarm/home#/mobile/projects/P/sessions/S/00000",
        " is in eu-west-1, Device Farm is in us-west-2 only",
    ),
    "other-region-query": (
        "https://console.aws.amazon.com/devicefarm/home?region=us-east-1#/mobile/projects/P/sessions/S/00000",
        " is in us-east-1, Device Farm is in us-west-2 only",
    ),
    "other-region-account": (
        "https://123456789012-abcdefgh.us-gov-west-1.console.aws.amazon.com/devicefarm/home#/mobile/projects/P/sessions/S/1",
        " is in us-gov-west-1, Device Farm is in us-west-2 only",
    ),
}


@pytest.mark.parametrize(("url", "reason"), NO_PAGES.values(), ids=NO_PAGES)
def test_refused_console_page(url: str, reason: str) -> None:
    """Each URL that is no session's page in us-west-2 is refused with its own reason."""
    with pytest.raises(ConfigurationError) as caught:
        parse_session(url)
    assert str(caught.value) == repr(url) + reason


def test_long_url_is_shortened() -> None:
    """5,000 characters of URL do not fill the terminal."""
    url = "https://example.com/" + "x" * 4980
    with pytest.raises(ConfigurationError) as caught:
        parse_session(url)
    assert str(caught.value) == f"'{url[:200]}...' is no page of the AWS console: expected {PAGE}"


HOME = "https://us-west-2.console.aws.amazon.com/devicefarm/home#/mobile/projects"


@pytest.mark.parametrize(
    "url",
    [
        pytest.param(f"{HOME}/P/sessions/S/00000garbage", id="after-suffix"),
        pytest.param(f"{HOME}/P/sessions/S garbage", id="after-session"),
        pytest.param(f"{HOME}/\u00e9/sessions/S/00000", id="umlaut"),
        pytest.param(f"{HOME}/P/sessions/S/\u0660\u0660", id="other-digits"),
    ],
)
def test_console_page_that_makes_no_arn_is_refused(url: str) -> None:
    """What is taken from a page is an ARN that `parse_arn` takes; nothing of the URL is dropped in silence."""
    with pytest.raises(ConfigurationError):
        parse_session(url)


IDS = st.text("ABCDEFabcdef0123456789._-", min_size=1).filter(lambda text: text[0] not in "._-")


@given(
    project=IDS,
    session=IDS,
    suffix=st.text("0123456789", min_size=1),
    account=st.from_regex("[0-9]{12}", fullmatch=True),
)
def test_console_url_round_trip(project: str, session: str, suffix: str, account: str) -> None:
    """The console page of a session's ARN names that session."""
    arn = Arn(account, "session", f"{project}/{session}/{suffix}")
    assert parse_session(arn.console_url or "") == ConsolePage(None, arn.resource)
    assert ConsolePage(None, arn.resource).arn(account) == arn


def test_console_url() -> None:
    """An ARN with project and session has the console page that FACTS gives; the reference page's example has none."""
    assert Arn("123456789012", "session", f"{PROJECT}/{SESSION}/00000").console_url == CONSOLE_URL
    assert Arn("123456789101", "session", "EXAMPLE-GUID-123-456").console_url is None


@pytest.mark.parametrize("name", ["nightly", "My session, 2nd", "x" * 256, "run", "ünïcode", "ARN", "a:b:c"])
def test_name(name: str) -> None:
    """Whatever is neither an ARN nor a URL is a name, to be looked up."""
    assert parse_session(f" {name} ") == SessionName(name)
    assert str(SessionName(name)) == name
    assert parse_project(f" {name} ") == name


@pytest.mark.parametrize(
    "text", ["", "  \n", "x" * 257, "x" * 5000, "a\x00b", "a\nb", "a\x1b[31m", "\ud800", "a\u202eb"]
)
def test_refused_name(text: str) -> None:
    """Empty, overlong and unprintable texts are no names."""
    shown = text.strip() if len(text) <= 200 else f"{text[:200]}..."
    with pytest.raises(ConfigurationError) as caught:
        parse_session(text)
    assert str(caught.value) == (
        f"{shown!r} is no session: give an ARN, a console URL, or a name (1 to 256 printable characters)"
    )
    with pytest.raises(ConfigurationError) as caught:
        parse_project(text)
    assert str(caught.value) == f"{shown!r} is no project: give an ARN, or a name (1 to 256 printable characters)"


def test_project_arn() -> None:
    """A project may be given by ARN, and a session's ARN is not one."""
    assert parse_project(f" {PROJECT_ARN} ") == Arn("123456789012", "project", PROJECT)
    with pytest.raises(MalformedArn) as caught:
        parse_project(EXAMPLE_ARN)
    assert str(caught.value) == _malformed(
        EXAMPLE_ARN,
        "it names a session, not a project; expected arn:aws:devicefarm:us-west-2:ACCOUNT:project:ID",
    )


ARN_PIECES = ["arn:", "aws:", "devicefarm:", "us-west-2:", "123456789012:", "session:", "P/S/00000", "EXAMPLE-GUID-123"]
URL_PIECES = ["https://", "us-west-2.console.aws.amazon.com", "/devicefarm/home", "#/mobile/projects/", "/sessions/"]
PIECES = st.sampled_from([*ARN_PIECES, *URL_PIECES])


@given(st.one_of(st.text(st.characters()), st.lists(st.one_of(PIECES, st.text(max_size=3))).map("".join)))
@example("arn:aws:devicefarm:us-west-2:123456789012:session:E" + "\ud800" * 20)
@example("https://[")
@example("https://us-west-2.console.aws.amazon.com\u2100/")
@example("http://x:99999999/")
def test_any_text_is_read_or_refused_on_one_line(text: str) -> None:
    """No text does anything but name a session or raise a ConfigurationError of one printable line."""
    try:
        parse_session(text)
    except ConfigurationError as error:
        line = str(error)
        assert line
        assert len(line) < 1500
        assert line.isprintable()
