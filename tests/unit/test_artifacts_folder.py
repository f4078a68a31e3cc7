"""Names of files and folders, and the list by which a later run knows them again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_devicefarm.errors import ConfigurationError
from pytest_devicefarm.farm.artifact_folder import ArtifactFolder, Listed, file_name, safe_name
from pytest_devicefarm.farm.artifacts import folder_name
from pytest_devicefarm.model.artifact import Artifact, Span, parse_size

SESSION = "arn:aws:devicefarm:us-west-2:123456789101:session:p/s/00000"


def listed(name: str = "Video", extension: str = "mp4", kind: str = "VIDEO", arn: str = "arn:1") -> Listed:
    return Listed(arn, kind, name, extension)


@pytest.mark.parametrize(
    ("name", "extension", "kind", "file"),
    [
        ("Video", "mp4", "VIDEO", "video.mp4"),
        ("Appium Server Output", "log", "APPIUM_SERVER_OUTPUT", "appium-server-output.log"),
        ("AppiumServerLogOutput", "", "APPIUM_SERVER_LOG_OUTPUT", "appiumserverlogoutput.log"),
        ("notes", "", "UNKNOWN", "notes"),
        ("../../etc/passwd", "../sh", "X", "etc-passwd.sh"),
        ("C:\\Windows\\x", "exe:stream", "X", "c-windows-x.exe-stre"),
        ("...", "", "SCREENSHOT", "screenshot"),
        ("", "", "", "artifact"),
        ("con", "log", "X", "con-.log"),
        ("artifacts", "json", "X", "artifacts-2.json"),
        ("<script>\x00\u202e\U0001f600'\"&", "png", "X", "script.png"),
        ("Bildschirmfoto für Größe", "png", "X", "bildschirmfoto-für-größe.png"),
    ],
)
def test_names_are_safe(name, extension, kind, file):
    """No folders, no hidden files, no devices of Windows, nothing that a shell or a URL reads."""
    assert file_name(listed(name, extension, kind), ()) == file


@given(st.text(max_size=400), st.text(max_size=50))
def test_any_name_is_one_of_a_file(name, extension):
    """Of whatever characters: short enough for a file system, and in no other folder."""
    made = file_name(listed(name, extension), ())
    assert len(made.encode()) <= 235
    assert not made.startswith(".")
    assert Path(made).name == made
    assert made.isprintable()


def test_names_that_are_taken_get_numbers():
    """Also where they differ in case only, as some file systems do not tell that."""
    taken: list[str] = []
    for name in ("Screen", "screen", "SCREEN"):
        taken.append(file_name(listed(name, "png"), taken))
    assert taken == ["screen.png", "screen-2.png", "screen-3.png"]


def test_folders_say_the_place_and_the_device():
    """And the place alone, of a device that nobody named."""
    assert folder_name("2", "Apple iPhone 15 Pro") == "2-apple-iphone-15-pro"
    assert folder_name("lost-1", "…") == "lost-1"
    assert safe_name("a" * 400) == "a" * 48


def filled(root: Path, session: str = SESSION, name: str = "1-phone", *each: Listed) -> ArtifactFolder:
    folder = ArtifactFolder(root, session, name)
    for one in each:
        folder.place(one).write_bytes(b"x")
        folder.add(one)
    folder.save()
    return folder


def test_a_later_run_knows_what_is_there(tmp_path):
    """By the session, whatever its folder is called then; a file that is gone is not there."""
    one, two = listed(arn="arn:1"), listed(arn="arn:2")
    filled(tmp_path, SESSION, "1-phone", one, two)
    (tmp_path / "1-phone/video-2.mp4").unlink()
    again = ArtifactFolder(tmp_path, SESSION, "7-another-name")
    assert again.has(one)
    assert not again.has(two)
    assert again.place(two) == tmp_path / "1-phone/video-2.mp4"
    assert again.artifacts == [
        Artifact(session=SESSION, type="VIDEO", name="Video", extension="mp4", path=tmp_path / "1-phone/video.mp4")
    ]


def test_no_session_gets_into_anothers_folder(tmp_path):
    """Of an earlier run, or of this one; nothing is ever removed."""
    filled(tmp_path, SESSION, "1-phone", listed())
    other = filled(tmp_path, SESSION + "2", "1-phone", listed())
    assert other.path == tmp_path / "1-phone-2"
    third = ArtifactFolder(tmp_path, SESSION + "3", "1-phone", [tmp_path / "1-phone-3"])
    assert third.path == tmp_path / "1-phone-4"
    assert (tmp_path / "1-phone/video.mp4").exists()


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"session": 1, "artifacts": 7}', '{"session": "s", "artifacts": [{}]}', "\xff"]
)
def test_a_list_of_somebody_else_is_let_be(tmp_path, content):
    """It is no error, and the folder is not taken."""
    (tmp_path / "1-phone").mkdir()
    (tmp_path / "1-phone/artifacts.json").write_bytes(content.encode("latin-1"))
    folder = filled(tmp_path, SESSION, "1-phone", listed())
    assert folder.path == tmp_path / "1-phone-2"
    assert (tmp_path / "1-phone/artifacts.json").read_bytes() == content.encode("latin-1")


def test_a_list_cannot_lead_out_of_its_folder(tmp_path):
    """What a list calls its files are names, not paths."""
    folder = filled(tmp_path, SESSION, "1-phone", listed())
    content = json.loads((folder.path / "artifacts.json").read_text())
    content["artifacts"][0]["file"] = "../../outside"
    (folder.path / "artifacts.json").write_text(json.dumps(content))
    assert ArtifactFolder(tmp_path, SESSION, "x").place(listed()) == tmp_path / "1-phone/outside"


def test_a_folder_that_cannot_be_is_the_users_to_change(tmp_path):
    """One line that names it."""
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigurationError, match="1-phone cannot be made: Not a directory"):
        ArtifactFolder(tmp_path / "file", SESSION, "1-phone").place(listed())


def test_links_are_relative_and_quoted(tmp_path):
    """From the folder of a report; of a video with the seconds, of others without."""
    made = {"session": SESSION, "name": "n", "extension": ""}
    video = Artifact(type="VIDEO", path=tmp_path / "a b/größe#1?.mp4", **made)
    log = Artifact(type="DEVICE_LOG", path=tmp_path / "a b/log.txt", **made)
    assert video.link(tmp_path, Span(1.5, 20.0)) == "a%20b/gr%C3%B6%C3%9Fe%231%3F.mp4#t=1.5,20"
    assert video.link(tmp_path / "reports") == "../a%20b/gr%C3%B6%C3%9Fe%231%3F.mp4"
    assert log.link(tmp_path, Span(1.5, 20.0)) == "a%20b/log.txt"


@pytest.mark.parametrize(("end", "fragment"), [(1.83, "t=1.83,2.83"), (2.5, "t=1.83,2.83"), (4.0, "t=1.83,4")])
def test_a_link_plays_a_second_at_least(end, fragment):
    """A test that fails at once has a stretch of no length, which Chromium would play from 0."""
    assert Span(1.83, end).fragment == fragment


@pytest.mark.parametrize(
    ("text", "size"), [("0", 0), ("500", 500), ("20k", 20480), ("500M", 524288000), (" 2g", 2**31)]
)
def test_sizes(text, size):
    """By powers of 1024."""
    assert parse_size(text) == size


@pytest.mark.parametrize("text", ["", "m", "-1", "1.5g", "1gb", "1t", "²", "9" * 13])
def test_what_is_no_size(text):
    """One line that says what is expected."""
    with pytest.raises(ConfigurationError, match="is no size: expected one such as 500m or 2g"):
        parse_size(text)
