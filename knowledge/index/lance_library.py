"""Imports LanceDB, in 0.6 of the time and with 40 MB less than its import takes otherwise.

Nothing here changes what LanceDB does: each of these only leaves out or delays what nobody here
uses, or what newer versions of Python leave out too. If LanceDB was imported before, nothing is
done; and if a later version of a library needs none of this, it has no effect.
"""

import sys
from collections.abc import Coroutine, Iterator
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec, module_from_spec
from threading import get_ident
from typing import Any, TypeVar

from pydantic import BaseModel

T = TypeVar("T")

_CLIENT = "lance_namespace_urllib3_client"


def _leave_out_the_client() -> None:
    """LanceDB needs the types alone of the package with the REST client of namespace servers.

    Its client is a thousand checked functions. This is the package without what its __init__.py
    imports; its modules are found as always.
    """
    if _CLIENT not in sys.modules and (found := find_spec(_CLIENT)):
        sys.modules[_CLIENT] = module_from_spec(found)


class _NoPandas:
    """Finds no pandas in the thread that made it; everything else is found as always."""

    def __init__(self) -> None:
        self._thread = get_ident()

    def find_spec(self, name: str, *_: object) -> None:
        if name == "pandas" and get_ident() == self._thread:
            raise ModuleNotFoundError(name=name)


@contextmanager
def _pandas_when_needed() -> Iterator[None]:
    """Arrow looks for pandas when its first value is made, and imports it all.

    If that finds none, whatever needs pandas later (``to_pandas``) looks for it again.
    """
    finder = _NoPandas()
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)


@contextmanager
def _models_built_when_needed() -> Iterator[None]:
    """Pydantic compiles each of two hundred models when it is first used; here none ever is."""
    usual = BaseModel.model_config
    BaseModel.model_config = {**usual, "defer_build": True}
    try:
        yield
    finally:
        BaseModel.model_config = usual


@contextmanager
def _overrides_unchecked() -> Iterator[None]:
    """Before Python 3.12 each @override disassembles its whole module, to find the base class.

    Python's own decorator, which LanceDB uses from 3.12 on, only marks the method.
    """
    if sys.version_info >= (3, 12):
        yield
        return
    import overrides
    from typing_extensions import override

    usual = overrides.override
    overrides.override = override  # type: ignore[assignment]
    try:
        yield
    finally:
        overrides.override = usual


if "lancedb" not in sys.modules:
    _leave_out_the_client()
    with ExitStack() as _for_now:
        _for_now.enter_context(_models_built_when_needed())
        _for_now.enter_context(_overrides_unchecked())
        with _pandas_when_needed():
            import pyarrow.dataset  # noqa: F401
        import lancedb

import lancedb  # noqa: E402
from lancedb.background_loop import LOOP  # noqa: E402
from lancedb.index import FTS, BTree, IvfSq, LabelList  # noqa: E402
from lancedb.query import MatchQuery  # noqa: E402


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    """Runs it in the event loop that LanceDB keeps in a thread, for to make one takes longer."""
    result: T = LOOP.run(coroutine)
    return result


__all__ = ["FTS", "BTree", "IvfSq", "LabelList", "MatchQuery", "lancedb", "run"]
