from dataclasses import dataclass, replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.documents import Version
from domain.questions import Audience, Newer, Passage
from knowledge.near_copies import version_of
from knowledge.query.newest import newest_first

ALL = Audience.everyone()
TEXT = "Lunch is from 11:30 to 14:00. A full meal costs {} euros, a soup 2.90. Guests pay cash."


@dataclass(frozen=True)
class Ledger:
    """Knows the versions of one text; everybody may read them."""

    versions: list[Version]

    def families(self, documents: object, audience: Audience) -> dict[str, list[Version]]:
        return {each.document: self.versions for each in self.versions}

    def addresses(self, documents: object, audience: Audience) -> dict[str, tuple[str, ...]]:
        return {each.document: (each.source,) for each in self.versions}


def passage(document: str, n: int, text: str = "") -> Passage:
    name, text = f"{document}-{n}", text or TEXT.format(n)
    return Passage(name, f"/{document}", document, text, 1 / n, 0.5, ALL, document=document)


def version(year: int) -> Version:
    return Version(f"rules-{year}", f"/rules-{year}", f"Rules {year}", None)


def documents(passages: list[Passage]) -> list[str]:
    return [each.document for each in passages]


def test_newest_version_takes_the_best_place_of_its_text() -> None:
    found = [passage(each, n) for n, each in enumerate(("rules-2023", "menu", "rules-2025"), 1)]
    shown = newest_first("", found, Ledger([version(2023), version(2025)]), ALL)
    assert documents(shown) == ["rules-2025", "menu", "rules-2023"]
    assert [each.newer for each in shown] == [None, None, Newer("/rules-2025", "Rules 2025")]


def test_version_that_the_question_asks_for_keeps_its_place() -> None:
    found = [passage(each, n) for n, each in enumerate(("rules-2023", "rules-2025"), 1)]
    shown = newest_first(
        "What did lunch cost in 2023?", found, Ledger([version(2023), version(2025)]), ALL
    )
    assert documents(shown) == ["rules-2023", "rules-2025"]
    assert shown[0].newer == Newer("/rules-2025", "Rules 2025")


def test_what_only_an_older_version_says_keeps_its_place() -> None:
    found = [
        passage(
            "rules-2023", 1, "Dogs may come to work on Fridays if everybody in the room agrees."
        ),
        passage("rules-2025", 2),
    ]
    shown = newest_first("", found, Ledger([version(2023), version(2025)]), ALL)
    assert documents(shown) == ["rules-2023", "rules-2025"]
    assert shown[0].newer == Newer("/rules-2025", "Rules 2025")


def test_newest_version_is_named_even_if_no_passage_of_it_was_found() -> None:
    versions = [version(2024), version(2023), version(2025)]
    [shown] = newest_first("", [passage("rules-2023", 1)], Ledger(versions), ALL)
    assert shown.newer == Newer("/rules-2025", "Rules 2025")


def test_without_dates_the_order_stays() -> None:
    versions = [Version(each, f"/{each}", "Rules", None) for each in ("a", "b")]
    found = [passage("b", 1), passage("a", 2)]
    assert newest_first("", found, Ledger(versions), ALL) == found


def test_copy_of_the_newest_version_is_not_older() -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    copies = [Version("rules", f"/{name}", "Rules", at) for name in ("a", "b")]
    old = Version("old", "/c", "Rules", at.replace(year=2020))
    [shown] = newest_first("", [passage("rules", 1)], Ledger([*copies, old]), ALL)
    assert shown.newer is None


@given(st.lists(st.sampled_from(["rules-2023", "rules-2024", "rules-2025", "menu"]), max_size=9))
def test_no_passage_is_lost(found: list[str]) -> None:
    passages = [passage(document, n) for n, document in enumerate(found, 1)]
    versions = [version(year) for year in (2023, 2024, 2025)]
    shown = newest_first("", passages, Ledger(versions), ALL)
    assert sorted(each.id for each in shown) == sorted(each.id for each in passages)
    of_the_text = [document for document in documents(shown) if document != "menu"]
    newest = of_the_text.count("rules-2025")
    assert of_the_text[:newest] == ["rules-2025"] * newest


@pytest.mark.parametrize(
    ("title", "text", "is_version"),
    [
        ("Canteen prices 2026", TEXT.format("6.90"), True),
        ("Canteen prices (draft)", TEXT.format("6.40"), True),
        ("Canteen prices 2026", TEXT.format("6.40") + " Ask for form K-77.", False),
        ("Cafeteria", TEXT.format("6.90"), False),
        ("Canteen prices 2026", "All meals are free from March on, until further notice.", False),
    ],
)
def test_document_joins_the_family_of_the_text_that_it_is_a_version_of(
    title: str, text: str, is_version: bool
) -> None:
    old = version_of("old", "Canteen prices 2025", [TEXT.format("6.40")], lambda _: [])
    known = [old, replace(old, document="other", family="other", sketch=(1, 2, 3))]
    made = version_of("new", title, [text], lambda about: known if about == old.subject else [])
    assert made.family == ("old" if is_version else "new")
