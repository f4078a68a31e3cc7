"""examples/appium through everything there is: plugin, emulator, proxy, Appium, and Appium's stand-in for a phone."""

from __future__ import annotations

import shutil

import pytest
from conftest import DISTRIBUTIONS, LOUD, needs_endpoints, needs_xdist

from .conftest import EXAMPLE

pytest.importorskip("appium")
pytestmark = needs_endpoints

PNG = b"\x89PNG"


@pytest.fixture
def example(pytester):
    """The example's files, in the test's own directory."""
    shutil.copytree(EXAMPLE, pytester.path, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    return pytester.path


@pytest.mark.parametrize(
    ("dist", "count"),
    [
        pytest.param((), 1, id="one-process"),
        pytest.param(("-n2",), 1, id="n2", marks=needs_xdist),
        pytest.param(("-n2",), 2, id="n2-two-sessions", marks=needs_xdist),
    ],
)
@pytest.mark.parametrize("scope", ["function", "session"])
def test_the_example_passes(run, example, farm, dist, count, scope):
    """A login flow with page objects, with a driver for each test; for a whole run what needs the app afresh does not
    hold, so there only what does."""
    emulator, arns = farm(count)
    chosen = ("-k", "offered or known") if scope == "session" else ()
    options = ("-o", f"devicefarm_driver_scope={scope}", *chosen)
    result = run(*dist, *options, against=emulator, session=arns)
    assert result.code == 0, result.out
    assert len(result.testcases) == (3 if scope == "session" else 6)
    for name in result.testcases:
        assert result.properties(name)["devicefarm.device.platform"] == "ANDROID"
        assert int(result.properties(name)["devicefarm.driver.commands"]) >= (0 if scope == "session" else 1)
    assert "driver: " in result.out


@pytest.mark.parametrize("dist", DISTRIBUTIONS)
def test_an_app_is_installed_by_the_test(run, pytester, farm, serve, dist):
    """A session without an app has none until devicefarm_install; the next driver begins with it."""
    emulator, arns = farm(app=False)
    client = serve.client(emulator)
    app = serve.upload(client)
    client.close()
    shutil.copy(EXAMPLE / "conftest.py", pytester.path)
    shutil.copytree(EXAMPLE / "screens", pytester.path / "screens")
    pytester.makepyfile(
        f"""
        import pytest

        @pytest.fixture
        def app(devicefarm_install):
            return devicefarm_install({app!r})

        def test_without(request):
            with pytest.raises(pytest.fail.Exception, match="HTTP (400|500), .*app"):
                request.getfixturevalue("devicefarm_driver")
        test_without = pytest.mark.devicefarm(test_without)

        def test_with(app, login_screen):
            assert app.name == "login.apk"
            assert login_screen.offers("login")
        """
    )
    result = run(*dist, against=emulator, session=arns[0])
    assert result.code == 0, result.out


@pytest.mark.parametrize("dist", DISTRIBUTIONS)
def test_a_failure_leaves_no_secret(run, example, farm, dist):
    """Screenshot, source and log are there; terminal, logs at DEBUG, XML and all files are without the endpoint."""
    emulator, arns = farm()
    (example / "test_login.py").write_text(
        "def test_it(login_screen):\n    login_screen.log_in('ada', 'hunter2')\n    login_screen.offers('none')\n"
    )
    result = run(*dist, *LOUD, against=emulator, session=arns[0])
    assert result.code == 1
    assert "NoSuchElementException" in result.testcases["test_it"].find("failure").attrib["message"]
    (shot,) = (example / "devicefarm-artifacts").rglob("screenshot.png")
    assert shot.read_bytes().startswith(PNG)
    assert '<MockButton id="login"' in (shot.parent / "source.xml").read_text(errors="replace")
    log = (shot.parent / "driver.log").read_text()
    assert "accessibility id='none'" in log
    assert "hunter2" not in log
    (session,) = [each for each in emulator.sessions if each["arn"] == arns[0]]
    token = session["endpoints"]["remoteDriverEndpoint"].split("/appium/")[1].partition("/")[0].encode()
    assert "urllib3.connectionpool" in result.out
    outputs = {"stdout": result.out.encode(), "stderr": result.err.encode()}
    outputs |= {str(path): path.read_bytes() for path in example.rglob("*") if path.is_file()}
    for name, content in outputs.items():
        assert token not in content, name


@pytest.mark.parametrize("dist", DISTRIBUTIONS)
def test_appium_takes_the_keep_alive(run, example, farm, dist):
    """What is sent for a test that sleeps is a command that Appium knows."""
    emulator, arns = farm()
    (example / "test_login.py").write_text(
        "import time\n\ndef test_it(login_screen):\n    time.sleep(1.5)\n    assert 0\n"
    )
    result = run(*dist, "-o", "devicefarm_keep_alive=1", against=emulator, session=arns[0])
    (log,) = (example / "devicefarm-artifacts").rglob("driver.log")
    assert result.code == 1
    assert [line.split()[1] for line in log.read_text().splitlines()] == ["newSession", "keep-alive"]
    assert "->" not in log.read_text()
