"""The numbers of the rows of a LanceDB table, remembered.

A search says which rows are near. To read a column of them too, though they are only fifty, takes
LanceDB another half of the time. A row keeps its number, and no other one ever gets its id.
"""

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

ROW = "_rowid"

_BITS = 32  # the lower ones of an id count the rows of a file; the upper ones name the file
_GONE = -1
_SURPLUS, _SMALL_SURPLUS = 2, 10_000  # of rows that are remembered, though they may be gone


class Numbers:
    """Of one table; 8 bytes a row. Several threads may use it at once."""

    def __init__(self) -> None:
        self._files: dict[int, NDArray[np.int64]] = {}

    async def of(self, table: Any, ids: pa.ChunkedArray) -> list[int]:
        """Those of the rows ``ids``, which a search of ``table`` just found.

        Raises KeyError if one was deleted since.
        """
        wanted = ids.to_numpy().astype(np.int64)
        numbers = np.full(len(wanted), _GONE, np.int64)
        files, places = wanted >> _BITS, wanted & (2**_BITS - 1)
        for file in np.unique(files).tolist():
            known = self._files.get(file)
            if known is None:
                known = await self._read(table, file)
            its = (files == file) & (places < len(known))
            numbers[its] = known[places[its]]
        if _GONE in numbers:
            self._files.clear()
            raise KeyError("A row that was found has just been deleted.")
        return numbers.tolist()

    async def _read(self, table: Any, file: int) -> NDArray[np.int64]:
        if (
            sum(map(len, self._files.values()))
            > await table.count_rows() * _SURPLUS + _SMALL_SURPLUS
        ):
            self._files.clear()  # most files were merged, or written anew
        first, end = file << _BITS, (file + 1) << _BITS
        query = table.query().where(f"{ROW} >= {first} AND {ROW} < {end}")
        rows = await query.select(["number"]).with_row_id().to_arrow()
        places = rows.column(ROW).to_numpy().astype(np.int64) - first
        numbers = np.full(int(places.max(initial=-1)) + 1, _GONE, np.int64)
        numbers[places] = rows.column("number").to_numpy()
        self._files = {**self._files, file: numbers}
        return numbers
