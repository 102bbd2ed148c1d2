"""LanceDB is imported without what nobody here uses, and then works as it does otherwise."""

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[3]
SEARCH = """
import sys
from pathlib import Path
from domain.documents import Chunk, Embedded
from domain.embeddings import Embedding
from domain.questions import Audience
from knowledge.index.lance import LanceIndex

everyone = Audience.everyone()
index = LanceIndex(Path(sys.argv[1]) / "index", "made", 2)
chunk = Chunk("i", "s", "Title", "The frame has a warranty", everyone)
index.replace(Embedded("s", [chunk], [Embedding([1.0, 0.0])]))
print([one.text for one in index.search("warranty", [1.0, 0.0], everyone, 3)])
index.tidy()
index.close()
"""
UNUSED = """
print([name for name in ("pandas", "lance_namespace_urllib3_client.api") if name in sys.modules])
"""
PUT_BACK = """
import sys
import overrides, pydantic
before = overrides.override
import knowledge.index.lance_library
ours = [one for one in sys.meta_path if type(one).__module__.startswith("knowledge")]
print(overrides.override is before, ours, pydantic.BaseModel.model_config)
"""
PANDAS = """
import knowledge.index.lance_library
import pyarrow as pa
frame = pa.table({"number": [1, 2]}).to_pandas()
print(type(frame).__module__.partition(".")[0], pa.Table.from_pandas(frame).to_pydict())
"""
DATASETS = """
import knowledge.index.lance_library
from datasets import Dataset
made = Dataset.from_list([{"ids": [1, 2], "text": "a"}])
print(made[0], len(made.to_pandas()))
"""


def run(script: str, *arguments: str) -> list[str]:
    """What it prints, line by line."""
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_a_search_imports_neither_pandas_nor_the_client_of_namespace_servers(
    tmp_path: Path,
) -> None:
    assert run(SEARCH + UNUSED, str(tmp_path)) == ["['The frame has a warranty']", "[]"]


def test_lancedb_imported_as_it_is_finds_the_same(tmp_path: Path) -> None:
    assert run("import lancedb" + SEARCH, str(tmp_path)) == ["['The frame has a warranty']"]


def test_other_packages_are_as_before() -> None:
    pytest.importorskip("overrides", reason="LanceDB needs it only before Python 3.12")
    assert run(PUT_BACK) == ["True [] {}"]


def test_arrow_still_makes_frames_of_pandas() -> None:
    pytest.importorskip("pandas")
    assert run(PANDAS) == ["pandas {'number': [1, 2]}"]


def test_training_rows_are_made_in_a_process_that_searches() -> None:
    pytest.importorskip("datasets")
    assert run(DATASETS) == ["{'ids': [1, 2], 'text': 'a'} 1"]
