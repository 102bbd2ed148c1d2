"""Freed memory is kept where it is plentiful, and given back where it is not."""

from pathlib import Path

import pytest

from serving.models import ModelFiles, load
from training import memory
from training.memory import available, give_back_if_short
from training.recipe import Recipe

MACHINE = "MemTotal:       24105600 kB\nMemFree:  1000 kB\nMemAvailable:   16000000 kB\n"


def written(folder: Path, machine: str = "", **container: str) -> tuple[Path, Path]:
    (folder / "meminfo").write_text(machine)
    for name, text in container.items():
        (folder / f"memory.{name}").write_text(text)
    return folder / "meminfo", folder


@pytest.mark.parametrize(
    ("machine", "container", "found"),
    [
        (MACHINE, {}, 16_384_000_000),
        (MACHINE, {"max": "max\n", "current": "1000\n"}, 16_384_000_000),
        (MACHINE, {"max": "8000000000\n", "current": "3000000000\n"}, 5_000_000_000),
        (MACHINE, {"max": "80000000000\n", "current": "3000000000\n"}, 16_384_000_000),
        ("", {"max": "8000\n", "current": "3000\n"}, 5_000),
        ("MemAvailable: much\n", {}, 0),
        ("", {}, 0),
    ],
)
def test_least_of_what_machine_and_container_have_left(
    tmp_path: Path, machine: str, container: dict[str, str], found: int
) -> None:
    assert available(*written(tmp_path, machine, **container)) == found


def test_system_without_such_files_has_nothing_to_spare(tmp_path: Path) -> None:
    assert available(tmp_path / "meminfo", tmp_path / "cgroup") == 0


@pytest.mark.parametrize(("free", "given_back"), [(10**6, True), (10**12, False)])
def test_memory_is_given_back_where_it_is_short(
    tiny: Path, monkeypatch: pytest.MonkeyPatch, free: int, given_back: bool
) -> None:
    done = []
    monkeypatch.setattr(memory, "available", lambda: free)
    monkeypatch.setattr(memory, "give_back_at_once", lambda: done.append(True))
    model, _ = load(ModelFiles("tiny", str(tiny)))
    give_back_if_short(model, Recipe(r=4, quantised=False), 600)
    assert bool(done) is given_back
