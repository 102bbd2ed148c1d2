"""A file from a browser is deleted with the last conversation that has it, also after a crash."""

from typing import Any, cast

import pytest

from bot.ingest.removing import Removing
from bot.slack.client import Me
from domain.collections import Collection
from domain.links import UPLOAD
from domain.questions import Audience
from records.collections import Collections
from records.database import Database
from records.sources import Sources
from tests.records.makers import NOW

SENT = f"{UPLOAD}:key/salary.txt"
HERE = Audience.of("channel:T1:C1")


class Killed(BaseException):
    """The process ends here."""


@pytest.mark.parametrize(("others", "deleted"), [((), [SENT]), (("channel:T1:C2",), [])])
def test_file_goes_before_its_row_and_only_with_its_last_reader(
    database: Database, others: tuple[str, ...], deleted: list[str]
) -> None:
    collections, forgotten = Collections(database), list[str]()
    readers = HERE.together_with(Audience.of(*others))
    collections.add(Collection(SENT, UPLOAD, readers, "U1", NOW))

    def withdraw(*_: object) -> None:
        raise Killed

    stopped = cast(
        Any, type("Stopped", (), {"find": staticmethod(collections.find), "withdraw": withdraw})()
    )
    removing = Removing(
        Me("T1", "UBOT"),
        cast(Any, None),
        stopped,
        Sources(database),
        lambda *_: None,
        lambda *_: None,
        lambda one: forgotten.append(one.uri),
    )
    with pytest.raises(Killed):
        removing._take(SENT, HERE)
    assert forgotten == deleted
    assert collections.find(SENT)
