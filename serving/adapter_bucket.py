"""Adapters on S3, or on a server that speaks its protocol.

Endpoint, region and credentials are those that Amazon's own tools use (`AWS_ENDPOINT_URL`,
`AWS_ACCESS_KEY_ID`, `AWS_SHARED_CREDENTIALS_FILE`, the machine's role …).

Each file is one object, and is written with one request, only if there is none (`If-None-Match`).
So no object is ever half, none changes, and of two writers of one name one is refused. The manifest
is written last.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from domain.errors import ConfigError, NotPublished, StoreFailed
from serving.adapter_folder import taken
from serving.adapter_manifest import MANIFEST, is_name
from serving.adapter_store import files_in_order

try:
    from aiohttp import ClientError as HttpError
    from botocore.exceptions import BotoCoreError, ClientError
    from s3fs import S3FileSystem
except ModuleNotFoundError as error:
    raise ConfigError(
        "PHI3_ADAPTERS is on S3, which needs an extra: pip install 'phi3-expert[s3]'.", str(error)
    ) from error

LARGEST = 5 * 2**30 - 1
"""The most bytes of a file: S3 takes no more in one request."""

_CONNECT_SECONDS = 5
_READ_SECONDS = 20
_ATTEMPTS = 3


class BucketStore:
    """Implements AdapterStore; several threads may use it at once.

    A lost network is noticed within some 20 seconds while connecting, or two minutes while reading.
    """

    def __init__(self, address: str) -> None:
        self._root = address.rstrip("/")
        self._path = self._root.removeprefix("s3://")
        self._s3 = S3FileSystem(
            skip_instance_cache=True,
            use_listings_cache=False,
            max_concurrency=1,
            config_kwargs={
                "connect_timeout": _CONNECT_SECONDS,
                "read_timeout": _READ_SECONDS,
                "retries": {"mode": "standard", "total_max_attempts": _ATTEMPTS},
            },
        )
        self._s3.retries = 2  # around those attempts, and of reading on after a connection broke

    def where(self, name: str) -> str:
        return f"{self._root}/{name}"

    def put(self, folder: Path) -> None:
        with self._told():
            for path in files_in_order(folder):
                self._put_file(folder.name, path)

    def manifest(self, name: str) -> bytes | None:
        if not is_name(name):
            return None
        with self._told():
            return self._read(name, MANIFEST)

    def fetch(self, name: str, file: str, to: Path) -> None:
        with self._told():
            try:
                self._s3.get_file(self._key(name, file), str(to))
            except FileNotFoundError as e:
                raise NotPublished(f"The adapter {name} lacks {file} at its address.") from e

    def found(self) -> set[str]:
        with self._told():
            try:
                listed = self._s3.ls(self._path, detail=False)
            except FileNotFoundError:
                self._check_bucket()
                return set()
        names = {path.rstrip("/").rpartition("/")[2] for path in listed}
        return {name for name in names if is_name(name)}

    def remove(self, name: str) -> None:
        with self._told():
            try:
                listed = self._s3.find(f"{self._path}/{name}/")
            except FileNotFoundError:
                return
            for path in sorted(listed, key=lambda path: not path.endswith(f"/{MANIFEST}")):
                self._s3.rm_file(path)

    def can_write(self) -> bool:
        probe = f"{self._path}/.probe-{uuid4().hex}"
        with self._told():
            self._check_bucket()
            try:
                self._s3.pipe_file(probe, b"", mode="create")
                self._s3.rm_file(probe)
            except PermissionError:
                return False
        return True

    def _put_file(self, name: str, path: Path) -> None:
        data = path.read_bytes()
        if len(data) > LARGEST:
            raise StoreFailed(f"{path.name} of {name} is too large for S3.", str(path))
        try:
            self._s3.pipe_file(self._key(name, path.name), data, chunksize=LARGEST, mode="create")
        except OSError:
            # It exists: as the same if only the response to the request was lost.
            known = self._read(name, path.name)
            if known is None:
                raise
            if known != data:
                raise taken(name) from None

    def _read(self, name: str, file: str) -> bytes | None:
        try:
            return bytes(self._s3.cat_file(self._key(name, file)))
        except FileNotFoundError:
            self._check_bucket()
            return None

    def _key(self, name: str, file: str) -> str:
        return f"{self._path}/{name}/{file}"

    def _check_bucket(self) -> None:
        """Raises FileNotFoundError if there is no such bucket."""
        self._s3.call_s3("list_objects_v2", Bucket=self._path.partition("/")[0], MaxKeys=1)

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except PermissionError as e:
            words = "The bucket of PHI3_ADAPTERS refuses this: check its credentials and policy."
            raise StoreFailed(words, self._detail(e)) from e
        except FileNotFoundError as e:
            words = "There is no such bucket as PHI3_ADAPTERS names: create it."
            raise StoreFailed(words, self._detail(e)) from e
        except (OSError, BotoCoreError, ClientError, HttpError) as e:
            words = "The bucket of PHI3_ADAPTERS cannot be read or written."
            raise StoreFailed(words, self._detail(e)) from e

    def _detail(self, error: Exception) -> str:
        return f"{self._root}: {error}"
