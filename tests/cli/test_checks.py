"""`phi3 doctor`: every part is checked, and a failed one says what to do."""

import json
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from shutil import rmtree
from typing import Any

import pytest

from cli.checks import check_all
from cli.environment import read_settings
from cli.indexes import Indexes
from cli.wiring import Container
from domain.findings import Finding
from domain.installations import Installation
from domain.questions import Audience
from records.database import Database
from records.installations import Installations
from records.token_cipher import TokenCipher
from tests.cli.model_server import model_server
from tests.cli.test_app import phi3
from tests.knowledge.doubles import WordEmbedder
from tests.ports import free_port
from tests.slack_double import BOT_TOKEN, SlackDouble, slack_double

PARTS = [
    "home",
    "database",
    "embeddings",
    "re-ranking",
    "index",
    "model server",
    "memory",
    "adapters",
    "adapter",
    "Slack",
]


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PHI3_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PHI3_SERVER_PORT", str(free_port()))


@pytest.fixture
def slack() -> Iterator[SlackDouble]:
    with slack_double() as double:
        yield double


@pytest.fixture
def words(monkeypatch: pytest.MonkeyPatch) -> None:
    """Embeds by words: a model's libraries take ten seconds to import."""
    monkeypatch.setattr(Indexes, "_embedder", lambda *_: WordEmbedder())


def findings() -> dict[str, Finding]:
    return {finding.part: finding for finding in check_all()}


@pytest.mark.usefixtures("words")
def test_a_new_home_lacks_only_the_model_server() -> None:
    found = findings()
    assert list(found) == PARTS
    assert [part for part, finding in found.items() if not finding.ok] == ["model server"]
    assert "phi3 serve" in found["model server"].says
    assert found["index"].says == "0 passages of 0 documents"
    assert found["re-ranking"].says == "off: passages are in the search's order"
    assert "not configured" in found["Slack"].says


@pytest.mark.slow
@pytest.mark.usefixtures("words")
def test_an_index_that_lacks_what_the_sources_have_is_told(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    for n in range(10):
        (tmp_path / "docs" / f"{n}.md").write_text(f"# Leave\n\nThere are {n} days of leave.\n")

    def ingest() -> str:
        with Container(read_settings()) as container:
            container.ingestor.ingest([tmp_path / "docs"], Audience.everyone(), "U1")
            return min(container.index.documents())

    one = ingest()
    whole = findings()["index"].says
    with Container(read_settings()) as container:
        container.index.remove(one)
    few = findings()["index"]
    assert (few.ok, "without 1 that `phi3 sources refresh` reads" in few.says) == (True, True)
    rmtree(tmp_path / "home" / "index")
    lost = findings()["index"]
    assert not lost.ok
    assert "lacks 10 of the 10 documents" in lost.says
    ingest()
    assert (findings()["index"].ok, findings()["index"].says) == (True, whole)


@pytest.mark.slow
def test_embedding_model_is_there_without_any_setting() -> None:
    found = findings()["embeddings"]
    assert found.ok
    assert found.says.endswith("all-MiniLM-L6-v2, 384 wide, reads English only")


@pytest.mark.usefixtures("words")
def test_slack_says_which_workspaces_have_installed_the_app(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, other = f"{'k' * 43}=", f"{'o' * 43}="
    monkeypatch.setenv("SLACK_SIGNING_SECRET", "x")
    monkeypatch.setenv("SLACK_CLIENT_ID", "1.2")
    monkeypatch.setenv("SLACK_CLIENT_SECRET", "x")
    assert "PHI3_TOKEN_KEY is not set" in findings()["Slack"].says
    monkeypatch.setenv("PHI3_TOKEN_KEY", key)
    assert findings()["Slack"].says.startswith("0 workspaces (none yet")
    with closing(Database(f"sqlite:///{tmp_path}/home/phi3.db")) as database:
        Installations(database, TokenCipher(key)).save(
            Installation("T1", "Acme", "UBOT", "BBOT", "A1", "", datetime.now(UTC), "xoxb-1")
        )
    assert findings()["Slack"].says == "1 workspace (T1 Acme), in http mode"
    monkeypatch.setenv("PHI3_TOKEN_KEY", other)
    wrong = findings()["Slack"]
    assert not wrong.ok
    assert "does not open the stored tokens" in wrong.says
    monkeypatch.setenv("PHI3_TOKEN_KEY", f"{other},{key}")
    assert findings()["Slack"].ok


@pytest.mark.slow
def test_slack_says_who_the_token_belongs_to(
    slack: SlackDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PHI3_SLACK_API_URL", slack.url)
    monkeypatch.setenv("SLACK_SIGNING_SECRET", "x")
    monkeypatch.setenv("SLACK_BOT_TOKEN", BOT_TOKEN)
    assert findings()["Slack"].says == "UBOT of team T1, in http mode"
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-wrong")
    wrong = findings()["Slack"]
    assert "SLACK_BOT_TOKEN" in wrong.says
    assert not wrong.ok
    monkeypatch.delenv("SLACK_SIGNING_SECRET")
    assert "SLACK_APP_TOKEN" in findings()["Slack"].says


@pytest.mark.parametrize(
    ("channel", "about", "ok"),
    [
        ("C7", {"is_member": True}, True),
        ("C7", {"is_member": False}, False),
        ("C9", {"is_member": True}, False),  # of which Slack says nothing
        ("#reports", {"name": "reports", "is_channel": True, "is_member": False}, False),
        ("U1", {}, True),
    ],
)
def test_slack_says_if_no_report_can_be_posted(
    slack: SlackDouble,
    monkeypatch: pytest.MonkeyPatch,
    channel: str,
    about: dict[str, Any],
    ok: bool,
) -> None:
    slack.channels["C7"] = about
    monkeypatch.setenv("PHI3_SLACK_API_URL", slack.url)
    monkeypatch.setenv("SLACK_SIGNING_SECRET", "x")
    monkeypatch.setenv("SLACK_BOT_TOKEN", BOT_TOKEN)
    monkeypatch.setenv("PHI3_REPORT_CHANNEL", channel)
    found = findings()["Slack"]
    assert found.ok is ok
    assert ("/invite" in found.says) is not ok


@pytest.mark.slow
@pytest.mark.parametrize(
    ("variable", "value", "part"),
    [
        ("PHI3_DATABASE_URL", "mysql://x/y", "database"),
        ("PHI3_DATABASE_URL", "postgresql://u:s3cret@host:54x/db", "database"),
        ("PHI3_DATABASE_URL", "postgresql://u:s3cret@127.0.0.1:1/db", "database"),
        ("PHI3_EMBEDDER", "/no/such/folder", "embeddings"),
        ("PHI3_EMBEDDINGS_URL", "http://u:s3cret@127.0.0.1:1/v1", "embeddings"),
        ("PHI3_RERANKER", "/no/such/folder", "re-ranking"),
        ("PHI3_RERANKER_URL", "http://u:s3cret@127.0.0.1:1/v1", "re-ranking"),
        ("PHI3_WEAVIATE_URL", "http://127.0.0.1:1", "index"),
        ("PHI3_WEAVIATE_URL", "weaviate.local", "index"),
        ("PHI3_SERVER_URL", "http://[bad", "model server"),
        ("PHI3_SERVER_URL", "http://u:s3cret@127.0.0.1:1", "model server"),
        ("PHI3_SERVER_PORT", "99999", "model server"),
        ("SLACK_BOT_TOKEN", "s3cret", "Slack"),
        ("PHI3_NIGHT_AT", "02:00+01:00", "settings"),
        ("PHI3_SEVER_URL", "http://gpu", "settings"),
    ],
)
def test_wrong_setting_is_named_and_the_other_parts_are_checked(
    variable: str, value: str, part: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, value)
    found = findings()
    assert not found[part].ok
    assert variable in found[part].says or "PHI3_" in found[part].says or "phi3" in found[part].says
    assert "s3cret" not in str(found)
    assert found["home"].ok
    assert set(PARTS) <= set(found)


@pytest.mark.usefixtures("words")
def test_a_password_in_the_address_of_a_server_that_answers_is_not_shown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with model_server() as running:
        monkeypatch.setenv("PHI3_SERVER_URL", running.url.replace("://", "://user:s3cret@"))
        found = findings()["model server"]
    assert found.ok
    assert found.says == f"double at {running.url.replace('://', '://***@')}"


@pytest.mark.usefixtures("words")
def test_a_vllm_that_loads_no_adapters_is_told_what_it_lacks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with model_server() as running:
        running.loads_adapters = False
        monkeypatch.setenv("PHI3_SERVER_URL", running.url)
        found = findings()["model server"]
    assert not found.ok
    assert "--enable-lora" in found.says
    assert "VLLM_ALLOW_RUNTIME_LORA_UPDATING" in found.says


@pytest.mark.usefixtures("words")
@pytest.mark.parametrize(
    ("model", "context", "says"),
    [
        ("Phi-3.5-mini-instruct", 4096, "4,096 tokens of context"),
        ("Phi-3.5-mini-instruct", 131072, "--max-model-len 4096"),
        ("SmolLM2-135M-Instruct", 8192, "8,192 tokens of context"),
    ],
)
def test_the_context_of_the_model_server_is_told(
    model: str, context: int, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with model_server() as running:
        running.cards = [{"id": model, "max_model_len": context}]
        monkeypatch.setenv("PHI3_SERVER_URL", running.url)
        monkeypatch.setenv("PHI3_MODEL", model)
        found = findings()["model server"]
    assert found.ok
    assert says in found.says
    assert ("--max-model-len" in found.says) == (context == 131072)


def test_if_the_home_is_wrong_nothing_else_is_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PHI3_HOME", "/dev/null")
    assert [(each.part, each.ok) for each in check_all()] == [("home", False)]


@pytest.mark.slow
def test_doctor_never_ends_in_a_traceback(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("PHI3_PASAGES=1\nPHI3_SLACK_HTTP_PORT=0\n")
    done = phi3("doctor", "--json", home=tmp_path / "home", folder=tmp_path)
    assert (done.returncode, done.stderr) == (1, "")
    found = {each["part"]: each for each in json.loads(done.stdout)["findings"]}
    assert "PHI3_PASSAGES" in found["settings"]["says"]
    assert "PHI3_SLACK_HTTP_PORT" in found["Slack"]["says"]
