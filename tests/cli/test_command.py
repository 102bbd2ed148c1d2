"""What every command begins with."""

import gc
from pathlib import Path

import pytest

from cli.command import command
from domain.errors import ConfigError


def test_no_garbage_is_collected_during_a_brief_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PHI3_HOME", str(tmp_path))
    with command(brief=True):
        assert not gc.isenabled()
    assert gc.isenabled()
    with command():
        assert gc.isenabled()


def test_garbage_is_collected_again_after_a_brief_command_that_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("PHI3_HOME", str(tmp_path / "file"))
    with pytest.raises(ConfigError), command(brief=True):
        pass
    assert gc.isenabled()
