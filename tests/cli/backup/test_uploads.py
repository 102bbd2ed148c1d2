"""What people sent in the console is in a backup, and is read in the deployment from it."""

from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from shutil import rmtree

import pytest

from cli.wiring import Container
from domain.collections import EVERY, Collection
from domain.documents import IngestReport
from domain.links import UPLOAD
from domain.questions import Audience
from knowledge.sources.uploads import Uploads
from tests.cli.backup.deployment import Deployment

pytestmark = pytest.mark.slow

READERS = Audience.everyone()
NAME = "Speiseplan – Öl & Brot.md"


def send(container: Container, text: str) -> str:
    uri = Uploads(container.settings.uploads).keep(BytesIO(text.encode()), NAME, "U1", READERS)
    now = datetime.now(UTC)
    container.collections.add(
        Collection(uri, UPLOAD, READERS, "U1", now, EVERY[UPLOAD], now, title=NAME)
    )
    return uri


def read(container: Container, uri: str) -> IngestReport:
    return container.collection_reader.read(container.collections.get(uri))


def kept(of: Deployment) -> dict[str, str]:
    files = (path for path in (of.home / "uploads").rglob("*") if path.is_file())
    return {str(path.relative_to(of.home)): path.read_text() for path in files}


def test_an_upload_goes_on_as_the_same_source_in_another_home(
    sqlite_lancedb: Deployment, empty: Deployment, tmp_path: Path
) -> None:
    with sqlite_lancedb.container() as container:
        uri = send(container, "# Okapiland\n\nOn Fridays there is pike in Okapiland.\n")
        assert not read(container, uri).failed
        send(container, "# Okapiland\n\nOn Fridays there is trout in Okapiland.\n")
    file = sqlite_lancedb.phi3("backup", "--to", str(tmp_path / "to"))["file"]
    newest = {place: text for place, text in kept(sqlite_lancedb).items() if "trout" in text}
    rmtree(sqlite_lancedb.home)

    empty.phi3("restore", file)
    assert kept(empty) == newest
    assert str(sqlite_lancedb.home) not in str(empty.phi3("sources", "list"))
    found = "What is there on Fridays in Okapiland?"
    assert "pike" in str(empty.phi3("search", found))  # the newest was not read yet
    with empty.container() as container:
        assert not read(container, uri).failed
    assert "trout" in str(empty.phi3("search", found))
    with empty.container() as container:
        assert send(container, "# Okapiland\n\nOn Fridays there is eel in Okapiland.\n") == uri
        assert not read(container, uri).failed
    assert "eel" in str(empty.phi3("search", found))


def test_what_was_sent_after_the_database_was_copied_is_not_restored(
    sqlite_lancedb: Deployment, empty: Deployment, tmp_path: Path
) -> None:
    with sqlite_lancedb.container() as container:
        Uploads(container.settings.uploads).keep(BytesIO(b"# Early"), NAME, "U1", READERS)
    file = sqlite_lancedb.phi3("backup", "--to", str(tmp_path / "to"))["file"]
    empty.phi3("restore", file)
    assert kept(empty) == {}


def test_a_home_with_uploads_is_not_replaced_unasked(
    sqlite_lancedb: Deployment, empty: Deployment, tmp_path: Path
) -> None:
    with sqlite_lancedb.container() as container:
        uri = send(container, "# Okapiland\n\nOn Fridays there is pike.\n")
    file = sqlite_lancedb.phi3("backup", "--to", str(tmp_path / "to"))["file"]
    empty.home.mkdir(mode=0o700)
    Uploads(empty.home / "uploads").keep(BytesIO(b"# Mine"), "mine.md", "U2", READERS)
    assert "There is something here already" in empty.refusal("restore", file)
    empty.phi3("restore", "--replace", file)
    assert list(kept(empty)) == list(kept(sqlite_lancedb))
    with empty.container() as container:
        read(container, uri)
    empty.phi3("forget", "source", uri)
    assert kept(empty) == {}
