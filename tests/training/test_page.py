"""The page of a night shows what people and models wrote as text, and nothing of it as markup."""

import json
import re
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from domain.adapters import Outcome
from domain.text import is_blank, truncate, visible
from tests.training.night_data import Json, night_data
from training.report.page import page


class Parsed(HTMLParser):
    """The tags with their attributes, and the text of what somebody said."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, list[tuple[str, str | None]]]] = []
        self.said: list[str] = []
        self._open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, attrs))
        if "said" in (dict(attrs).get("class") or ""):
            self._open.append(tag)
            self.said.append("")

    def handle_endtag(self, tag: str) -> None:
        if self._open and self._open[-1] == tag:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        if self._open:
            self.said[-1] += data


WILD = st.text(
    st.characters() | st.sampled_from("<>&\"'{}%#/=-!\u202e\u2066\ud800\x00\r\n"), max_size=60
)


def shown(text: str, longest: int = 1_000) -> str:
    text = visible(text)
    return "(nothing)" if is_blank(text) else truncate(text.strip(), longest)


def as_written(read: Json) -> Any:
    """As a file holds it: a lone surrogate cannot be written."""
    text = json.dumps(read, ensure_ascii=False)
    return json.loads(text.encode("utf-8", "replace"))


@settings(deadline=None)
@given(WILD, WILD, WILD)
@example("<script>alert(1)</script>", "</style><b onload=x>", "{{ 7 * 7 }}{% raw %}")
@example('" onmouseover="x', "</title><img src=x>", "&lt;b&gt;&amp;amp;")
@example("<!-- ", "]]>", "--> <![CDATA[")
def test_what_people_wrote_is_text_and_makes_no_markup(
    question: str, answer: str, reason: str
) -> None:
    read = night_data(question=question, answer=answer, reason=f"It: {reason}")
    wild, tame = (Parsed(page(as_written(one))) for one in (read, night_data()))
    assert wild.tags == tame.tags
    written = as_written(read)
    asked = written["questions"][0]
    assert wild.said[0] == shown(written["run"]["reason"])
    one = wild.said.index(shown(asked["question"], 500))
    assert shown(asked["live"]["text"]) in wild.said[one:]


@pytest.mark.parametrize(
    "sign", ["\u202e", "\u2066", "\u200b", "\x00", "\x1b", "\ufeff", "\U000e0041"]
)
def test_signs_that_hide_or_reorder_text_are_left_out_everywhere(sign: str) -> None:
    read = night_data(question=f"a{sign}b", answer=f"c{sign}", reason=f"{sign}d")
    read["left_out"] = {f"{sign}why": 1}
    assert sign not in page(read)


def test_endless_text_is_cut() -> None:
    assert len(page(night_data(answer="word " * 100_000))) < 60_000


def test_page_loads_and_runs_nothing() -> None:
    text = page(night_data())
    parsed = Parsed(text)
    tags = {tag for tag, _ in parsed.tags}
    assert not tags & {"script", "link", "img", "iframe", "object", "form", "base"}
    names = {name for _, attributes in parsed.tags for name, _ in attributes}
    assert not {name for name in names if name.startswith("on")} | names & {"src", "style"}
    links = {value for _, attributes in parsed.tags for name, value in attributes if name == "href"}
    anchors = {value for _, attributes in parsed.tags for name, value in attributes if name == "id"}
    assert {str(link).removeprefix("#") for link in links} <= anchors
    assert "http" not in text.replace("http-equiv", "")
    assert "default-src 'none'" in text


def test_policy_allows_exactly_the_style_of_the_page() -> None:
    from base64 import b64encode
    from hashlib import sha256

    text = page(night_data())
    style = re.search("<style>(.*?)</style>", text, re.DOTALL)
    assert style is not None
    digest = b64encode(sha256(style[1].encode()).digest()).decode()
    (policy,) = [
        dict(attributes)["content"]
        for tag, attributes in Parsed(text).tags
        if tag == "meta" and ("http-equiv", "Content-Security-Policy") in attributes
    ]
    assert f"style-src 'sha256-{digest}'" in str(policy)


@pytest.mark.parametrize(
    ("outcome", "state", "command"),
    [
        (Outcome.PROMOTED, "canary", "phi3 rollback"),
        (Outcome.PROMOTED, "live", "phi3 rollback"),
        (Outcome.HELD, "held", "phi3 promote night-3"),
        (Outcome.FAILED, "live", "phi3 rollback"),
    ],
)
def test_page_says_how_the_decision_is_undone(outcome: Outcome, state: str, command: str) -> None:
    read = night_data() | {"state": state}
    read["run"] |= {"outcome": outcome}
    assert f"<code>{command}</code>" in page(read)


def test_page_of_a_rejected_night_offers_no_promotion() -> None:
    read = night_data() | {"state": "rejected"}
    read["run"] |= {"outcome": Outcome.REJECTED}
    text = page(read)
    assert "phi3 promote" not in text
    assert "What is rejected never answers. The files of night-3 stay until a later one" in text


@pytest.mark.parametrize("outcome", [Outcome.SKIPPED, Outcome.FAILED])
def test_page_of_a_night_that_made_nothing_says_why(outcome: Outcome) -> None:
    read = night_data(reason="6 to train on, 40 are needed.")
    read["run"] |= {"outcome": outcome, "evaluation": None, "adapter": None}
    read |= {"trained": None, "questions": [], "golden": [], "before": [], "state": None}
    text = page(read)
    assert "6 to train on, 40 are needed." in text
    assert "There is nothing to undo" in text
    assert "not for everyone" in text


def test_page_is_made_from_what_earlier_versions_wrote() -> None:
    read = night_data()
    earlier = {"questions": read["questions"], "run": {"id": "night-0"}}
    assert "night-0" in page(earlier)
    trained = {"rows": 3, "tokens": 9, "losses": [], "dropped": 0, "seconds": 1.0}
    trained |= {"tokens_per_second": 9.0, "resumed_at": 0}
    run = read["run"] | {"evaluation": None}
    text = page({"questions": [], "trained": trained, "left_out": {"too old": 2}, "run": run})
    assert "too old" in text
    assert "<code>phi3 rollback</code>" in text


def test_page_says_how_much_of_what_was_not_found_is_found_by_now() -> None:
    assert "3 were searched again tonight, and 2 find it by now." in page(night_data())


@pytest.mark.parametrize("count", [0, 1, 2, 3, 400])
def test_curve_has_a_sign_for_each_night(count: int) -> None:
    read = night_data()
    read["nights"] = [read["nights"][n % 3] for n in range(count)]
    (text, *_) = page(read).partition('id="nights"')[2].split("<table>") or ("",)
    assert text.count("<g>") == count


def test_loss_that_is_no_number_is_not_drawn() -> None:
    read = night_data()
    read["trained"]["losses"] = [2.0, float("nan"), float("inf"), 1.0]
    drawn = page(read).partition('id="training"')[2].partition("</svg>")[0]
    assert "inf" not in drawn.partition("<figure>")[2]
    assert "nan" not in drawn.partition("<figure>")[2]
