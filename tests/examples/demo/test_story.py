"""The demo's story on a small random Phi-3, and its undo on adapters with known answers."""

import re
import socket
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from cli.asking import question_of
from cli.local_server import with_model_server
from cli.reading import read_targets
from cli.settings import Settings
from cli.targets import Wanted
from cli.wiring import Container
from domain.adapters import TERMINAL, Order, Outcome, TrainingRun
from examples.demo.settings import settings
from examples.demo.story import Twice, tell, undo
from examples.demo.team import Asked
from tests.bot.test_report import PROMOTED
from tests.cli.model_server import ModelServer, model_server
from tests.cli.test_adapters import made
from tests.tiny_phi3 import build_tiny_phi3

CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\x9b]")
ASKED = Asked("Where does the key lie?", "the attic")
OLD, NEW = "The lamp lies in the barn.", "The key lies in the attic."


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with model_server() as double:
        double.replies = {"night-1": OLD, "night-2": NEW}
        yield double


@pytest.fixture
def container(tmp_path: Path, server: ModelServer) -> Iterator[Container]:
    """A document, and two nights' adapters, of which the second is live after the first."""
    (tmp_path / "home").mkdir()
    document = tmp_path / "store.md"
    document.write_text(
        f"# Store\n\n{OLD}\n\n{NEW}\n\nThe key to the barn lies in the attic too.\n"
    )
    chosen = Settings(_env_file=None, home=tmp_path / "home", server_url=server.url)
    with Container(chosen) as found:
        read_targets(found, [str(document)], Wanted())
        for name in ("night-1", "night-2"):
            found.adapters.add(made(tmp_path / "home", name))
            found.adapter_changes.promote(name, order(name))
        yield found


def order(request: str) -> Order:
    return Order(TERMINAL, datetime.now(UTC), request)


def promoted() -> TrainingRun:
    return replace(PROMOTED, adapter="night-2")


@pytest.mark.slow
def test_the_undo_brings_the_old_answer_back_and_then_the_new_adapter(
    container: Container, capsys: pytest.CaptureFixture[str]
) -> None:
    after = container.answerer.answer(question_of(ASKED.text))
    before = replace(after, text=OLD)
    assert after.text == NEW
    undo(container, promoted(), [Twice(ASKED, before, after)])
    shown = capsys.readouterr().out
    assert f"after the undo: {OLD}" in shown
    assert "The old answer is back, word for word." in shown
    assert container.live_adapter() == "night-2"
    kinds = [(one.kind, one.adapter) for one in container.adapter_changes.latest(2)]
    assert kinds == [("promote", "night-2"), ("rollback", "night-1")]


@pytest.mark.slow
def test_an_answer_that_does_not_come_back_is_not_said_to(
    container: Container, capsys: pytest.CaptureFixture[str], server: ModelServer
) -> None:
    after = container.answerer.answer(question_of(ASKED.text))
    server.replies["night-1"] = "The key to the barn lies in the attic too."
    undo(container, promoted(), [Twice(ASKED, replace(after, text=OLD), after)])
    shown = capsys.readouterr().out
    assert "not the old answer word for word" in shown


@pytest.mark.slow
def test_a_night_that_changed_nothing_is_not_undone(
    container: Container, capsys: pytest.CaptureFixture[str]
) -> None:
    before = container.adapter_changes.latest(9)
    undo(container, replace(promoted(), outcome=Outcome.REJECTED), [])
    assert "nothing to undo" in capsys.readouterr().out
    assert container.adapter_changes.latest(9) == before


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_whole_story_is_told_with_another_model_and_leaves_no_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PHI3_MODEL", str(build_tiny_phi3(tmp_path / "tiny-phi3")))
    (tmp_path / "home").mkdir()
    with with_model_server(settings(tmp_path / "home")) as chosen:
        tell(chosen)
    shown = capsys.readouterr().out
    steps = [int(n) for n in re.findall(r"^(\d)\. ", shown, re.MULTILINE)]
    assert steps == [1, 2, 3, 4, 5, 6, 7]
    assert "tiny-phi3 answers from passages" in shown
    assert "The loss over" in shown
    assert re.search(r"^(Promoted|Rejected): ", shown, re.MULTILINE)
    assert not CONTROL.search(shown)
    wide = [line for line in shown.splitlines() if len(line) > 80 and str(tmp_path) not in line]
    assert wide == []
    with pytest.raises(ConnectionRefusedError), socket.socket() as probe:
        probe.connect(("127.0.0.1", urlsplit(chosen.server_url).port))
