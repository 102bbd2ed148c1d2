"""Makes the connector of a collection by its kind, also those that other packages bring.

A package brings one by an entry point of the group ``phi3.connectors``: its name is the kind, and
it names a function that takes the `Collection` and returns its `Connector`.
"""

import shutil
from collections.abc import Callable, Iterable
from hashlib import sha256
from importlib.metadata import entry_points
from pathlib import Path

from domain.cards import ELSEWHERE
from domain.collections import Collection
from domain.errors import ConfigError
from domain.links import UPLOAD
from knowledge.sources.base import Connector
from knowledge.sources.cards import CardSources, FindCard
from knowledge.sources.fetch import Fetcher
from knowledge.sources.files import FilesConnector
from knowledge.sources.git import GitConnector
from knowledge.sources.page import PageConnector
from knowledge.sources.site import SiteConnector
from knowledge.sources.site_options import SiteOptions
from knowledge.sources.uploads import UploadConnector, Uploads

GROUP = "phi3.connectors"
"""The group of entry points by which other packages bring connectors."""

Make = Callable[[Collection], Connector]


class Connectors:
    """``cache`` is a folder for what connectors keep between two readings.

    ``linked`` are folders that links in a folder may lead to. ``cards`` gives the answers that
    people confirmed. ``uploads`` is the folder of files that people sent.
    """

    def __init__(
        self,
        fetcher: Fetcher,
        cache: Path,
        *,
        linked: Iterable[Path] = (),
        cards: FindCard = lambda _: None,
        uploads: Path | None = None,
    ) -> None:
        self._fetcher, self._cache = fetcher, cache
        self._uploads = Uploads(uploads or cache / UPLOAD)
        self._linked = tuple(folder.resolve() for folder in linked)
        self._made: dict[str, Make] = {
            "folder": self._files,
            "file": self._files,
            "page": lambda collection: PageConnector(collection.uri, fetcher),
            "site": self._site,
            UPLOAD: lambda collection: UploadConnector(collection.uri, self._uploads),
            ELSEWHERE: lambda collection: CardSources([collection.uri], cards),
            "git": lambda collection: GitConnector(
                collection.uri, fetcher, self._folder(collection)
            ),
        }

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of collections that can be read, in the order of the alphabet."""
        return tuple(sorted({*self._made, *kinds_of_others()}))

    def connect(self, collection: Collection) -> Connector:
        """A new connector for ``collection``. Raises ConfigError for an unknown kind, IngestError.

        A kind that this program knows cannot be replaced from outside.
        """
        kind = collection.kind
        make = self._made.get(kind) or _from_others(kind)
        if make is None:
            there = ", ".join(self.kinds)
            raise ConfigError(f"Collections of the kind {kind} cannot be read, only: {there}.")
        return make(collection)

    def forget(self, collection: Collection) -> None:
        """Deletes what was kept of a collection that was removed, also the file that was sent."""
        if collection.kind == UPLOAD:
            self._uploads.delete(collection.uri)
        folder = self._folder(collection)
        shutil.rmtree(folder, ignore_errors=True)
        folder.with_name(f"{folder.name}.lock").unlink(missing_ok=True)

    def _folder(self, collection: Collection) -> Path:
        name = sha256(collection.uri.encode(errors="surrogateescape")).hexdigest()[:32]
        return self._cache / collection.kind / name

    def _files(self, collection: Collection) -> Connector:
        return FilesConnector(Path(collection.uri), linked=self._linked)

    def _site(self, collection: Collection) -> Connector:
        options = SiteOptions.from_text(collection.options)
        return SiteConnector(collection.uri, self._fetcher, self._folder(collection), options)


def kinds_of_others() -> tuple[str, ...]:
    """The kinds that other packages bring, in the order of the alphabet."""
    return tuple(sorted(entry_points(group=GROUP).names))


def _from_others(kind: str) -> Make | None:
    for found in entry_points(group=GROUP, name=kind):
        try:
            make: Make = found.load()
        except (ImportError, AttributeError) as e:
            message = f"The connector for collections of the kind {kind} cannot be loaded."
            raise ConfigError(message, f"{found.value}: {e}") from e
        return make
    return None
