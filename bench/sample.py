"""Text to measure with: copies of the sample handbook, each a little different."""

from pathlib import Path

SOURCES = Path(__file__).parent.parent / "examples" / "handbook"


def write_documents(folder: Path, copies: int) -> int:
    """Writes ``copies`` of each Markdown file of the handbook; returns the number of files."""
    folder.mkdir()
    files = sorted(SOURCES.glob("*.md"))
    for copy in range(copies):
        for file in files:
            text = file.read_text(encoding="utf-8").replace("\n\n", f"\n\nEdition {copy}. ")
            (folder / f"{copy:03}-{file.name}").write_text(text, encoding="utf-8")
    return copies * len(files)
