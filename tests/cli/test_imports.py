"""What takes seconds and hundreds of megabytes to import is left to those who compute with it."""

import os
import subprocess
import sys
from pathlib import Path
from shutil import copyfile

import pytest

from tests.slack_double import APP_TOKEN, BOT_TOKEN, slack_double

ROOT = Path(__file__).parents[2]
HEAVY = ("torch", "transformers", "sentence_transformers", "datasets", "peft")
UNUSED = (
    *("pandas", "lance_namespace_urllib3_client.api"),
    *("openai", "httpx", "weaviate", "slack_sdk", "slack_bolt", "alembic", "apscheduler"),
    *("spellchecker", "lxml", "selectolax", "docutils", "knowledge.readers.base"),
)
"""What a question without a misspelt word does not need, from the index that needs no server."""

COMMANDS = """
import sys
from cli.commands.ingest import ingest
from cli.commands.questions import search
ingest([sys.argv[1]])
search("How long is the warranty?")
"""
BOT = """
import bot.slack.http, bot.run, bot.slack.socket_mode
from cli.running import with_default_server
from cli.environment import read_settings
from cli.wiring import Container
from cli.asking import question_of
with Container(with_default_server(read_settings())) as container:
    container.bot
    print([one.text for one in container.searcher.search(question_of("the warranty?")).passages])
"""
SEARCH = """
from cli.commands.questions import search
search("How long is the warranty?")
"""
CONSOLE = """
import sys
import cli.commands.every_role
from cli.console_parts import console_parts
from cli.run_console import address_of
from cli.running import with_default_server
from cli.environment import read_settings
from cli.wiring import Container
from console.app import build_app
with Container(with_default_server(read_settings())) as container:
    parts = console_parts(container, address_of(container.settings))
    build_app(parts)
    assert parts.health.memory()
late = ("lancedb", "pyarrow", "numpy", "onnxruntime", "rich", "markdown_it", "cryptography")
late += ("waitress", "domain.support.check", "cli.commands.every", "uvloop")
late += ("sqlalchemy.dialects.postgresql", "bot.gaps.finding", "openai")
late += ("huggingface_hub.file_download", "filelock", "httpx2")
print("early:", [name for name in late if name in sys.modules])
"""
LIST = f"""
import sys
print("imported:", [name for name in {HEAVY} if name in sys.modules])
print("unused:", [name for name in {UNUSED} if name in sys.modules])
"""


def run(script: str, home: Path, *arguments: str, **settings: str) -> str:
    told = {"PHI3_HOME": str(home), **settings}
    done = subprocess.run(
        [sys.executable, "-c", script + LIST, *arguments],
        env={**os.environ, **told},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.slow
def test_ingest_search_and_the_bot_import_no_torch(tmp_path: Path) -> None:
    document = tmp_path / "warranty.md"
    document.write_text("# Warranty\n\nThe frame has a warranty of ten years.")
    said = run(COMMANDS, tmp_path / "home", str(document))
    assert "ten years" in said
    assert "imported: []" in said

    said = run(SEARCH, tmp_path / "home")
    assert "ten years" in said
    assert "unused: []" in said

    with slack_double() as slack:
        said = run(
            BOT,
            tmp_path / "home",
            SLACK_BOT_TOKEN=BOT_TOKEN,
            SLACK_APP_TOKEN=APP_TOKEN,
            PHI3_SLACK_API_URL=slack.url,
        )
    assert "ten years" in said
    assert "imported: []" in said


@pytest.mark.slow
def test_the_console_imports_at_its_start_only_what_all_its_pages_need(
    tmp_path: Path, template: Path
) -> None:
    copyfile(template, tmp_path / "phi3.db")
    said = run(CONSOLE, tmp_path)
    assert "early: []" in said
    assert "unused: []" in said
