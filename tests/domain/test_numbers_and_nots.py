"""Numbers, codes and nots in all ways of writing them: one written otherwise supports nothing."""

import pytest

from domain.questions import Difference
from domain.support.check import Checker
from tests.domain.build import passage


def supports(shown: str, said: str) -> bool:
    (told,) = Checker([passage(shown)]).check(said)
    return told.supported


@pytest.mark.parametrize(
    ("shown", "same", "other"),
    [
        ("Our customer number is 20481733.", "The customer number is 20481733.", "20481753"),
        ("The account is 12345678901234567890.", "", "12345678901234567891"),
        ("The gateway is 192.168.1.254.", "192.168.1.254 is the gateway.", "192.168.12.54"),
        ("Use Python 3.11.4 for it.", "Use Python 3.11.4.", "31.1.4"),
        ("Use Node 18.20 for it.", "Use Node 18.20.", "Node 18.2"),
        ("The fee is ₹500 a year.", "The fee is 500 rupees a year.", "₹600"),
        ("The value is +5 °C.", "The value is 5 °C.", "+9 °C"),
        ("Ticket #4711 is open.", "Ticket 4711 is open.", "#4712"),
        ("Dilute it 1:5.", "Dilute it 1:5.", "5:1"),
        ("It has 10⁶ cells.", "It has 10⁶ cells.", "10⁵"),
        ("Keep it at < 5 bar.", "Keep it below 5 bar.", "> 5 bar"),
        ("The fair opens on 2026-03-12.", "The fair opens on 12 March.", "12 April"),
        ("Die Messe ist am 05.03.2026.", "Die Messe ist am 5. März.", "am 3. Mai"),
        ("Es sind 3 Mio. Euro.", "Es sind 3.000.000 Euro.", "3 Milliarden Euro"),
        ("Es sind 3 Mio. Euro.", "Es sind 3 Millionen Euro.", "3 Euro"),
        ("La prime est de 1 250,50 €.", "La prime est de 1250,50 €.", "250,50 €"),
        ("Die Frist ist zwanzig Tage.", "Die Frist ist 20 Tage.", "dreißig Tage"),
        ("Le délai est de quinze jours.", "Le délai est de 15 jours.", "vingt jours"),
        ("Es öffnet um halb acht.", "Es öffnet um 7:30 Uhr.", "um 8:30 Uhr"),
    ],
)
def test_a_number_is_the_same_only_if_all_of_it_is(shown: str, same: str, other: str) -> None:
    assert supports(shown, same or shown)
    assert not supports(shown, f"{(same or shown).split()[0]} {other}.")


def test_the_parts_of_a_japanese_number_are_added() -> None:
    assert supports("予算は3万5千円です。", "予算は35,000円です。")
    assert not supports("予算は3万5千円です。", "予算は3万円です。")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Il rimborso è possibile qui.", "Il rimborso non è possibile qui."),
        ("Roken is hier toegestaan.", "Roken is hier niet toegestaan."),
        ("Rökning är tillåten här.", "Rökning är inte tillåten här."),
        ("Palenie jest tu dozwolone.", "Palenie jest tu zabronione."),
        ("Depoda sigara içilir.", "Depoda sigara içilmez."),
        ("Курить на складе разрешено.", "Курить на складе запрещено."),
        ("गोदाम में धूम्रपान की अनुमति है।", "गोदाम में धूम्रपान की अनुमति नहीं है।"),
        ("Le badge est nécessaire.", "Le badge n’est plus nécessaire."),
        ("Los visitantes pueden aparcar.", "Los visitantes tampoco pueden aparcar."),
        ("Hay aparcamiento aquí.", "No hay ningún aparcamiento aquí."),
        ("The licence is transferable.", "The licence is non-transferable."),
    ],
)
def test_a_not_of_any_language_is_seen(one: str, other: str) -> None:
    assert supports(one, one)
    assert supports(other, other)
    assert not supports(one, other)
    assert not supports(other, one)


@pytest.mark.parametrize(
    "said",
    [
        "Il rimborso non è possibile entro 30 giorni.",
        "De terugbetaling is niet mogelijk binnen 30 dagen.",
        "ফেরত ৩০ দিনের মধ্যে সম্ভব নয়।",  # whose nots are not known
    ],
)
def test_what_may_deny_a_passage_of_another_language_is_not_compared(said: str) -> None:
    (told,) = Checker([passage("Refunds are possible within 30 days.")]).check(said)
    assert told.differs == {Difference.LANGUAGE}
