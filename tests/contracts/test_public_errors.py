"""Errors that Slack shows name no host, user, password, address or path.

Each library really fails, with an address or path that its message would contain.
"""

import socket
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from bot.answers import render
from bot.slack.client import SlackClient
from domain.errors import Phi3Error
from domain.questions import Message
from knowledge.embedders.openai import OpenAIEmbedder
from knowledge.embedders.sentence_transformers import SentenceTransformersEmbedder
from knowledge.index.lance import LanceIndex
from knowledge.sources.fetch import Fetcher
from migrations import upgrade
from records.database import Database
from serving.client import ServerClient
from training.publish import verify

SECRET = "s3cret"
TELL_TALE = (SECRET, "127.0.0.1", "localhost", "telltale", "operator")
BODY = b'{"error": {"message": "http://operator:s3cret@telltale.internal"}, "detail": "telltale"}'

Failing = Callable[[], object]


@pytest.fixture(scope="module")
def dead() -> str:
    """An address at which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{probe.getsockname()[1]}"


@pytest.fixture(scope="module", params=["dead", 400, 401, 404, 429, 500, 503, 200])
def failing_server(request: pytest.FixtureRequest, dead: str) -> Iterator[str]:
    """An address at which nothing listens, or a server that answers everything with one status
    and a message that contains its address."""
    if request.param == "dead":
        yield dead
        return

    class Rude(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("content-length") or 0))
            self.send_response(request.param)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(BODY)))
            self.end_headers()
            self.wfile.write(BODY)

        do_POST = do_GET  # noqa: N815

        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Rude) as server:
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def failed(failing: Failing) -> Phi3Error:
    with pytest.raises(Phi3Error) as caught:
        failing()
    return caught.value


def check(error: Phi3Error, *also: str) -> None:
    shown = render.failure(error, "R1")
    for text in (error.public, shown.text, str(shown.blocks)):
        assert [word for word in (*TELL_TALE, *also) if word in text] == []
    assert SECRET not in str(error)
    assert error.public


def answer(client: ServerClient) -> list[str]:
    return list(client.stream([Message("user", "Q?")], adapter=None, max_tokens=5))


@pytest.mark.slow
def test_the_model_server(failing_server: str) -> None:
    url = f"http://operator:{SECRET}@{failing_server}/v1"
    for failing in (
        lambda client: answer(client),
        lambda client: client.load_adapter("a1", "/home/operator/a1"),
        lambda client: client.unload_adapter("a1"),
    ):
        client = ServerClient(url, "phi3", timeout=5)
        try:
            failing(client)
        except Phi3Error as error:
            check(error, failing_server)
        finally:
            client.close()


@pytest.mark.slow
def test_the_embeddings_server(failing_server: str) -> None:
    url = f"http://operator:{SECRET}@{failing_server}/v1"
    check(failed(lambda: OpenAIEmbedder(url, "m", timeout=2)), failing_server)


@pytest.mark.slow
def test_slack(failing_server: str) -> None:
    client = SlackClient(f"xoxb-{SECRET}", f"http://{failing_server}/api/", timeout=2)
    for failing in (client.me, lambda: client.conversation("C1")):
        check(failed(failing), failing_server)


@pytest.mark.slow
def test_weaviate(dead: str) -> None:
    from knowledge.index.weaviate import WeaviateIndex

    url = f"http://{dead}"
    check(failed(lambda: WeaviateIndex(url, 1, model="m", dimension=3, wait=0)), dead)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://operator:s3cret@{dead}/telltale",
        "postgresql://operator:s3cret@telltale.invalid/telltale",
        "postgresql://operator:s3cret@localhost:5432x/telltale",
        "mysql://operator:s3cret@telltale/x",
        "sqlite:////proc/telltale/phi3.db",
    ],
)
def test_a_database_that_does_not_answer(url: str, dead: str) -> None:
    check(failed(lambda: Database(url.format(dead=dead)).check()), dead, "5432x", "/proc")


def test_a_database_that_refuses(postgres_url: str) -> None:
    address = postgres_url.partition("@")[2].partition("/")[0]
    for url in (
        f"postgresql://telltale:s3cret@{address}/postgres",
        f"postgresql://phi3:s3cret@{address}/telltale",
    ):
        check(failed(lambda url=url: Database(url).check()), address, "phi3")  # type: ignore[misc]


def test_a_file_that_is_not_a_database(tmp_path: Path) -> None:
    folder = tmp_path / "telltale"
    folder.mkdir()
    file = folder / "phi3.db"
    file.write_text("This is no database at all, and long enough to look like one." * 40)
    for failing in (Database(f"sqlite:///{file}").check, lambda: upgrade(f"sqlite:///{file}")):
        check(failed(failing), str(tmp_path))


def test_an_index_that_cannot_be_used(tmp_path: Path) -> None:
    LanceIndex(tmp_path / "telltale", "operator/model", 3)
    check(failed(lambda: LanceIndex(tmp_path / "telltale", "other", 3)), str(tmp_path))
    (tmp_path / "telltale2").touch()
    check(failed(lambda: LanceIndex(tmp_path / "telltale2", "other", 3)), str(tmp_path))


def test_models_that_do_not_exist(tmp_path: Path) -> None:
    from serving.adapter_files import read_verified
    from serving.models import resolve

    folder = tmp_path / "telltale"
    folder.mkdir()
    for failing in (
        lambda: resolve(str(folder), tmp_path),
        lambda: resolve(str(folder / "none"), tmp_path),
        lambda: resolve("telltale/s3cret", tmp_path),
        lambda: SentenceTransformersEmbedder(str(folder)),
        lambda: verify(folder / "a1"),
        lambda: read_verified(folder, "a1", "m", 1),
    ):
        error = failed(failing)
        assert [word for word in (*TELL_TALE, str(tmp_path)) if word in error.public] == []


@pytest.mark.parametrize(
    "url",
    [
        "http://telltale.invalid/",
        "http://{dead}/",
        "http://localhost:{port}/",
        "http://operator:s3cret@telltale.invalid/",
        "http://telltale.internal:99999/",
        "gopher://telltale/",
        "http://[telltale/",
    ],
)
def test_pages_that_cannot_be_fetched(url: str, dead: str) -> None:
    port = dead.partition(":")[2]
    for hosts in ((), ("127.0.0.1", "localhost")):
        fetcher = Fetcher(allowed_private_hosts=hosts, seconds=5)
        check(failed(lambda fetcher=fetcher: fetcher.fetch(url.format(dead=dead, port=port))), dead)  # type: ignore[misc]
