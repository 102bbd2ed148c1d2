"""Imports LanceDB without the REST client of its namespace servers, which nobody uses here.

LanceDB needs that package's types alone. Its client is a thousand checked functions, which take
another third of the time that a search in a fresh process needs for its imports.
"""

import sys
from importlib.util import find_spec, module_from_spec

_CLIENT = "lance_namespace_urllib3_client"

if _CLIENT not in sys.modules and (_found := find_spec(_CLIENT)):
    # The package without what its __init__.py imports; its modules are found as always.
    sys.modules[_CLIENT] = module_from_spec(_found)

import lancedb  # noqa: E402
from lancedb.index import FTS, BTree, IvfSq, LabelList  # noqa: E402

__all__ = ["FTS", "BTree", "IvfSq", "LabelList", "lancedb"]
