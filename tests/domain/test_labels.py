import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.labels import channel_label, describe, is_label, person_label, team_label
from domain.questions import Audience

LABELS = ["everyone", "team:T1", "team:T2", "channel:T1:C1", "channel:C1", "person:T1:U1"]
audiences = st.frozensets(st.sampled_from(LABELS)).map(Audience)


@pytest.mark.parametrize(
    "label", ["everyone", team_label("T1"), channel_label("T1", "C1"), person_label("T1", "U1")]
)
def test_labels_are_written_as_they_are_checked(label: str) -> None:
    assert is_label(label)


@pytest.mark.parametrize(
    "text",
    [
        *("", "all", "Everyone", "team", "team:", "team:T1:C1", "channel:C1", "person:U1"),
        *("channel:T1:", "channel:T1:C1:X", "person:T1:u1", "team:T 1", "everyone\n"),
        "group:T1:G1",
    ],
)
def test_anything_else_is_not_a_label(text: str) -> None:
    assert not is_label(text)


@pytest.mark.parametrize(
    ("labels", "words"),
    [
        (["everyone", "team:T1"], "everyone"),
        (["team:T1"], "all members of workspace T1"),
        (["channel:T1:C1"], "channel C1 of workspace T1"),
        (["person:T1:U1", "channel:C2"], "channel C2 of an unknown workspace, person U1 of "
         "workspace T1"),
        ([], "nobody"),
    ],
)  # fmt: skip
def test_audience_is_described_in_words(labels: list[str], words: str) -> None:
    assert Audience.of(*labels).in_words() == words


def test_unknown_label_is_shown_unchanged() -> None:
    assert describe("group:T1:G1") == "group:T1:G1"


@pytest.mark.parametrize(
    ("audience", "is_everyone"),
    [
        (Audience.of("everyone"), True),
        (Audience.of("everyone", "team:T1"), True),
        (Audience.of("everyone", "team:T1", "channel:T1:C1", public=True), True),
        (Audience.of("channel:T1:C1", public=True), True),
        (Audience.of("everyone", "team:T1", "channel:T1:C1"), False),
        (Audience.of("everyone", "team:T1", "person:T1:U1"), False),
        (Audience.of("everyone", "team:T1", "person:T1:U1", public=True), False),
        (Audience.of("channel:T1:C1", "channel:T1:C2", public=True), False),
        (Audience.of("everyone", "channel:C1"), False),
        (Audience.of("teams:T1"), False),
        (Audience.of(), False),
        (Audience.of(public=True), False),
    ],
)
def test_question_with_a_narrower_label_than_a_workspace_is_not_for_everyone(
    audience: Audience, is_everyone: bool
) -> None:
    assert audience.is_everyone is is_everyone


@pytest.mark.parametrize(
    ("labels", "reaches"),
    [(["everyone"], True), (["team:T1", "channel:T1:C1"], True), (["channel:T1:C1"], False)],
)
def test_document_of_a_workspace_reaches_everyone(labels: list[str], reaches: bool) -> None:
    assert Audience.of(*labels).reaches_everyone is reaches


@given(audiences, audiences, audiences)
def test_granting_to_more_removes_no_reader(
    reader: Audience, given_to: Audience, also: Audience
) -> None:
    together = given_to.together_with(also)
    assert reader.may_read(together) == (reader.may_read(given_to) or reader.may_read(also))


@given(audiences, audiences)
def test_label_of_an_earlier_version_matches_no_label_of_today(
    reader: Audience, given_to: Audience
) -> None:
    today = Audience(frozenset(label for label in reader.labels if is_label(label)))
    old = Audience(frozenset(label for label in given_to.labels if not is_label(label)))
    assert not today.may_read(old)
