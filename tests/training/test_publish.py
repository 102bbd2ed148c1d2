import json
import os
from pathlib import Path
from time import time

import pytest

from domain.errors import PublishFailed
from domain.prompt import PROMPT_VERSION
from training.publish import CONFIG, MANIFEST, WEIGHTS, Manifest, publish, remove_orphans, verify
from training.recipe import Recipe
from training.unfinished import CHECKPOINTS, COMPLETE, HALF


def write(folder: Path) -> None:
    (folder / WEIGHTS).write_bytes(b"weights")
    (folder / CONFIG).write_text("{}")


def published(adapters: Path, name: str = "night-1") -> Manifest:
    return publish(adapters, name, "tiny", Recipe(r=4), ["a1", "a2"], write)


def test_published_adapter_is_verified_and_its_manifest_says_what_made_it(tmp_path: Path) -> None:
    manifest = published(tmp_path)
    assert verify(tmp_path / "night-1") == manifest
    assert manifest.recipe == Recipe(r=4)
    assert manifest.example_ids == ("a1", "a2")
    assert manifest.prompt_version == PROMPT_VERSION
    assert manifest.libraries["torch"]


def test_a_manifest_that_the_writer_leaves_is_replaced_and_not_among_the_files(
    tmp_path: Path,
) -> None:
    def leaves_one(folder: Path) -> None:
        write(folder)
        (folder / MANIFEST).write_text('{"name": "another"}')

    made = publish(tmp_path, "night-1", "tiny", Recipe(r=4), [], leaves_one)
    assert set(made.files) == {WEIGHTS, CONFIG}
    assert verify(tmp_path / "night-1") == made


def test_changed_weights_are_detected(tmp_path: Path) -> None:
    published(tmp_path)
    (tmp_path / "night-1" / WEIGHTS).write_bytes(b"other weights")
    with pytest.raises(PublishFailed, match="not those that were published"):
        verify(tmp_path / "night-1")


@pytest.mark.parametrize("file", [WEIGHTS, CONFIG, MANIFEST])
def test_missing_file_is_detected(tmp_path: Path, file: str) -> None:
    published(tmp_path)
    (tmp_path / "night-1" / file).unlink()
    with pytest.raises(PublishFailed, match="no complete adapter"):
        verify(tmp_path / "night-1")


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"recipe": 1}'])
def test_broken_manifest_is_detected(tmp_path: Path, text: str) -> None:
    published(tmp_path)
    (tmp_path / "night-1" / MANIFEST).write_text(text)
    with pytest.raises(PublishFailed):
        verify(tmp_path / "night-1")


def test_manifest_without_a_version_and_with_unknown_keys_is_read(tmp_path: Path) -> None:
    manifest = published(tmp_path)
    read = json.loads((tmp_path / "night-1" / MANIFEST).read_text())
    del read["v"]
    read["colour"] = read["recipe"]["colour"] = "red"
    (tmp_path / "night-1" / MANIFEST).write_text(json.dumps(read))
    assert verify(tmp_path / "night-1") == manifest


@pytest.mark.parametrize("text", ['{"v": 1e999}', '{"v": "later"}', "[" * 100_000, "[]"])
def test_manifest_that_makes_no_sense_is_an_error(tmp_path: Path, text: str) -> None:
    published(tmp_path)
    (tmp_path / "night-1" / MANIFEST).write_text(text)
    with pytest.raises(PublishFailed, match="no complete adapter"):
        verify(tmp_path / "night-1")


def test_manifest_of_a_newer_version_is_an_error(tmp_path: Path) -> None:
    published(tmp_path)
    (tmp_path / "night-1" / MANIFEST).write_text('{"v": 2, "recipe": "who knows"}')
    with pytest.raises(PublishFailed, match="newer version of phi3"):
        verify(tmp_path / "night-1")


def test_name_can_be_used_once(tmp_path: Path) -> None:
    published(tmp_path)
    with pytest.raises(PublishFailed, match="exists already"):
        published(tmp_path)


def test_failed_writing_leaves_nothing(tmp_path: Path) -> None:
    def fail(folder: Path) -> None:
        write(folder)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        publish(tmp_path, "night-1", "tiny", Recipe(), [], fail)
    assert not list(tmp_path.iterdir())


def test_writer_without_weights_publishes_nothing(tmp_path: Path) -> None:
    with pytest.raises(PublishFailed):
        publish(tmp_path, "night-1", "tiny", Recipe(), [], lambda _: None)
    assert not list(tmp_path.iterdir())


def test_unknown_folders_are_removed_and_the_rest_stays(tmp_path: Path) -> None:
    for name in ("known", "orphan"):
        published(tmp_path, name)
    (tmp_path / ".half-night-9").mkdir()
    (tmp_path / "somebody's").mkdir()
    (tmp_path / "night.lock").touch()
    assert sorted(remove_orphans(tmp_path, {"known"})) == [".half-night-9", "orphan"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["known", "night.lock", "somebody's"]


def test_removing_orphans_from_a_missing_folder_does_nothing(tmp_path: Path) -> None:
    assert remove_orphans(tmp_path / "none", ()) == []


def test_manifest_is_plain_json(tmp_path: Path) -> None:
    published(tmp_path)
    read = json.loads((tmp_path / "night-1" / MANIFEST).read_text())
    assert read["recipe"]["r"] == 4


def test_an_adapter_is_readable_only_by_its_owner(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        published(tmp_path / "adapters")
    finally:
        os.umask(before)
    paths = [tmp_path / "adapters", *(tmp_path / "adapters").rglob("*")]
    assert len(paths) >= 4
    assert [path for path in paths if path.stat().st_mode & 0o077] == []


def killed(adapters: Path, name: str, *, days_ago: float = 0, complete: bool = True) -> Path:
    """The folder of a training that was killed after a checkpoint."""
    checkpoint = adapters / f"{HALF}{name}" / CHECKPOINTS / "checkpoint-9"
    checkpoint.mkdir(parents=True)
    if complete:
        (checkpoint / COMPLETE).touch()
        at = time() - days_ago * 86_400
        os.utime(checkpoint / COMPLETE, (at, at))
    return adapters / f"{HALF}{name}"


def test_training_that_was_killed_today_goes_on_in_its_folder(tmp_path: Path) -> None:
    seen: list[bool] = []

    def go_on(folder: Path) -> None:
        seen.append((folder / CHECKPOINTS / "checkpoint-9" / COMPLETE).is_file())
        write(folder)

    older = killed(tmp_path, "night-0", days_ago=0.5)
    latest = killed(tmp_path, "night-1")
    assert remove_orphans(tmp_path, ()) == [older.name]
    publish(tmp_path, "night-2", "tiny", Recipe(), ["a1"], go_on)
    assert seen == [True]
    assert not latest.exists()
    assert {path.name for path in (tmp_path / "night-2").iterdir()} == {WEIGHTS, CONFIG, MANIFEST}


@pytest.mark.parametrize(("days_ago", "complete"), [(1.5, True), (0, False)])
def test_training_that_was_killed_long_ago_or_too_early_is_removed(
    tmp_path: Path, days_ago: float, complete: bool
) -> None:
    left = killed(tmp_path, "night-1", days_ago=days_ago, complete=complete)
    assert remove_orphans(tmp_path, ()) == [left.name]
    assert not left.exists()


def test_training_that_goes_on_and_fails_leaves_nothing(tmp_path: Path) -> None:
    def fail(_: Path) -> None:
        raise ValueError("no")

    killed(tmp_path, "night-1")
    with pytest.raises(ValueError, match="no"):
        publish(tmp_path, "night-2", "tiny", Recipe(), ["a1"], fail)
    assert list(tmp_path.iterdir()) == []
