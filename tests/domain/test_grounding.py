import pytest

from domain.grounding import is_said
from tests.training.makers import passage

RULES = [
    passage(
        "Employees may not work from abroad. Bronze membership lasts 10 years. You have to pay 20 "
        "euros by 5 June. Anna Berg signs the form. Dogs are not allowed in the office. The "
        "insurance does not cover water damage. Requests are answered within two working days."
    )
]


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("How long does bronze last?", "10 years"),
        ("How long does bronze last?", "ten years"),
        ("How much do I pay, and until when?", "You pay 20 euros by 5 June."),
        ("Who signs?", "Anna Berg"),
        ("When do I get an answer?", "Within 2 working days."),
        ("Is water damage covered?", "No, water damage is not covered."),
        ("May I bring my dog?", "No"),
    ],
)
def test_what_the_passages_say_in_other_words_is_said(question: str, text: str) -> None:
    assert is_said(text, RULES, question)


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("How long does bronze last?", "2 years"),
        ("How long does bronze last?", "Bronze membership does not last 10 years."),
        ("May I work from abroad?", "Employees may work from abroad."),
        ("May I bring my dog?", "Dogs are allowed in the office."),
        ("Is water damage covered?", "The insurance covers water damage."),
        ("How much do I pay?", "20 dollars"),
        ("Until when do I pay?", "by 6 June"),
        ("Who signs?", "Anna Burg signs the form."),
        ("When do I get an answer?", "within two weeks"),
        ("When do I get an answer?", "Okay, thanks!"),
        ("Who signs?", "the"),
    ],
)
def test_another_negation_number_unit_or_name_is_not_said(question: str, text: str) -> None:
    assert not is_said(text, RULES, question)
