"""Citations: only what a shown passage says, quoted exactly."""

from hypothesis import given
from hypothesis import strategies as st

from domain.citations import cite, cited, judged, supported
from domain.numbering import numbered
from domain.questions import Sentence
from domain.support.check import Checker
from tests.domain.build import passage

FRAMES = passage("Frames carry a warranty of ten years. Motors carry two.", title="Warranty")
RETURNS = passage("Returns are taken within 30 days. Bring the receipt.", title="Returns", n=2)


def test_each_sentence_is_cited_with_the_passage_that_supports_it() -> None:
    text = "Frames carry ten years of warranty. Returns are taken within 30 days."
    first, second = cite(text, [FRAMES, RETURNS])
    assert (first.n, first.title, first.quote) == (
        1,
        "Warranty",
        "Frames carry a warranty of ten years.",
    )
    assert (second.n, second.title) == (2, "Returns")
    assert numbered(text, [first, second]) == (
        "Frames carry ten years of warranty. [1] Returns are taken within 30 days. [2]"
    )


def test_an_invented_sentence_gets_no_citation() -> None:
    assert cite("Unicorns deliver parcels on Sundays.", [FRAMES, RETURNS]) == ()


def test_an_invented_number_is_not_supported_and_the_nearest_passage_is_only_named() -> None:
    (nearest,) = cite("Returns are taken within 90 days.", [FRAMES, RETURNS])
    assert (nearest.title, nearest.supports) == ("Returns", False)
    assert numbered("Returns are taken within 90 days.", [nearest]) == (
        "Returns are taken within 90 days."
    )


def test_a_short_answer_is_cited_from_the_passage_that_fits_the_question() -> None:
    other = passage("Ten years ago the shop opened.", n=3)
    (citation,) = cite("ten years", [other, FRAMES], "How long is the warranty of frames?")
    assert citation.title == "Warranty"


def test_one_passage_used_twice_has_one_number() -> None:
    text = "Frames carry ten years of warranty. Motors carry two."
    (citation,) = cite(text, [FRAMES])
    assert len(citation.ends) == 2


def test_sentences_without_support_are_removed_and_lines_stay() -> None:
    text = (
        "Yes. Frames carry ten years. Unicorns deliver them.\n\n"
        "1. Returns are taken within 30 days.\n2. Refunds come by pigeon.\n- Motors carry two.\n"
    )
    assert supported(text, [FRAMES, RETURNS]) == (
        "Yes. Frames carry ten years.\n1. Returns are taken within 30 days.\n- Motors carry two."
    )
    assert supported("Unicorns deliver them. Returns end after 90 days.", [RETURNS]) == ""


@given(st.text(max_size=300), st.text(max_size=300))
def test_supported_text_is_a_part_of_the_text(text: str, shown: str) -> None:
    kept = supported(text, [passage(shown)])
    rest = iter(text)
    assert all(sign in rest for sign in kept if not sign.isspace())  # in the same order


def test_no_number_is_put_into_code() -> None:
    install = passage("Run pip install frames to get the frames tool.")
    fenced = "```\npip install frames\n```\nThat is it."
    (citation,) = cite(fenced, [install])
    assert numbered(fenced, [citation]) == "```\npip install frames\n```\n[1]\n\nThat is it."
    inline = "Run `pip install frames`."
    assert numbered(inline, cite(inline, [install])) == "Run `pip install frames`. [1]"
    (nearest,) = cite("```\npip install frames", [install])
    assert not nearest.ends


def test_unsupported_sentence_is_marked_but_not_within_code() -> None:
    text = "Frames carry ten years. They come in `gold`. Run `pip install gold`."
    checked = Checker([FRAMES]).check(text)
    assert numbered(text, cited(text, checked), judged(checked)) == (
        "Frames carry ten years. [1] They come in `gold`. [?] Run `pip install gold`. [?]"
    )


def test_recorded_sentences_are_not_compared_again() -> None:
    text = "- Frames carry ten years. Doubtful.\n- Doubtful too."
    sentences = (Sentence(2, 25, supported=True), Sentence(26, 35, supported=False))
    assert supported(text, [], sentences) == "- Frames carry ten years."


@given(st.text(max_size=300), st.lists(st.text(max_size=300), max_size=3))
def test_every_quote_is_a_part_of_its_passage(text: str, passages: list[str]) -> None:
    shown = [passage(each, n=n) for n, each in enumerate(passages, 1)]
    texts = {each.id: each.text for each in shown}
    for citation in cite(text, shown):
        assert citation.quote in texts[citation.passage_id]
        assert all(0 < end <= len(text) for end in citation.ends)


@given(st.text(max_size=300))
def test_numbering_adds_nothing_but_numbers(text: str) -> None:
    citations = cite(text, [passage(text)])
    marked = numbered(text, citations)
    for citation in citations:
        marked = marked.replace(f"[{citation.n}]", "", len(citation.ends))
    assert citations == () or "".join(marked.split()) == "".join(text.split())
