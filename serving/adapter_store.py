"""Where adapters are published for every server to fetch: a folder that all see, or S3.

A name is given once, and what is under it never changes. The manifest makes an adapter complete:
what has none does not count, and nobody reads it. It is fast to import.
"""

from pathlib import Path
from typing import Protocol

from serving.adapter_manifest import MANIFEST


class AdapterStore(Protocol):
    """Every method raises StoreFailed if the address cannot be reached, read or written."""

    def where(self, name: str) -> str:
        """The address of an adapter, whether it is there or not."""
        ...

    def put(self, folder: Path) -> None:
        """Publishes a folder under its name: whoever reads sees all of it, or nothing.

        Publishing exactly the same again does nothing. Raises StoreFailed if another has the name.
        """
        ...

    def manifest(self, name: str) -> bytes | None:
        """The text of an adapter's manifest; None if there is no complete adapter of that name."""
        ...

    def fetch(self, name: str, file: str, to: Path) -> None:
        """Copies one file of an adapter to the path ``to``. Raises NotPublished if it is gone."""
        ...

    def found(self) -> set[str]:
        """The names of all adapters, and of what a killed night left of one."""
        ...

    def remove(self, name: str) -> None:
        """Removes an adapter, or what is left of one; first what makes it complete."""
        ...

    def can_write(self) -> bool:
        """Writes and removes a probe; False if that is not allowed."""
        ...


def open_store(address: str) -> AdapterStore:
    """The store at ``address``: a folder's path, or ``s3://bucket/prefix``.

    Raises ConfigError if it is on S3 and the extra ``s3`` is not installed.
    """
    if address.startswith("s3://"):
        from serving.adapter_bucket import BucketStore

        return BucketStore(address)
    from serving.adapter_folder import FolderStore

    return FolderStore(Path(address))


def files_in_order(folder: Path) -> list[Path]:
    """The files of an adapter in the order in which they are published: the manifest last."""
    files = sorted(path for path in folder.iterdir() if path.is_file())
    return sorted(files, key=lambda path: path.name == MANIFEST)
