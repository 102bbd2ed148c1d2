"""Only the owner can read the state, also if an earlier version left it readable for others."""

import os
from pathlib import Path

import pytest

from cli.home import open_home
from domain.errors import ConfigError


def open_to_others(folder: Path) -> dict[str, str]:
    paths = [folder, *folder.rglob("*")]
    return {
        str(path): oct(path.stat().st_mode)
        for path in paths
        if path.stat().st_mode & 0o077 and not path.is_symlink()
    }


def test_a_new_home_is_closed(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        home = open_home(tmp_path / "deep" / "home")
    finally:
        os.umask(before)
    assert home.stat().st_mode & 0o777 == 0o700


def test_home_that_others_could_read_is_closed_with_all_its_files(tmp_path: Path) -> None:
    home, outside = tmp_path / "home", tmp_path / "outside.txt"
    adapter = home / "adapters" / "night-1"
    adapter.mkdir(parents=True)
    outside.touch()
    for file in (home / "phi3.db", home / "phi3.db-wal", adapter / "adapter_model.safetensors"):
        file.touch()
        file.chmod(0o644)
    (home / "link").symlink_to(outside)
    for folder in (home, home / "adapters", adapter):
        folder.chmod(0o755)
    outside.chmod(0o644)
    open_home(home)
    assert open_to_others(home) == {}
    assert (home / "phi3.db").stat().st_mode & 0o777 == 0o600
    assert outside.stat().st_mode & 0o777 == 0o644


@pytest.mark.parametrize("name", ["file", "file/below"])
def test_home_that_cannot_be_created_is_an_error_of_one_line(name: str, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ConfigError, match="PHI3_HOME") as caught:
        open_home(tmp_path / name)
    assert str(tmp_path) not in caught.value.public
