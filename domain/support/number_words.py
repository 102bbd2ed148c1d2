"""The number words of German, French and Spanish, with those that are written as one word."""

_GERMAN_ONES = "ein zwei drei vier fünf sechs sieben acht neun".split()
_GERMAN_TEENS = (
    "zehn elf zwölf dreizehn vierzehn fünfzehn sechzehn siebzehn achtzehn neunzehn".split()
)
_GERMAN_TENS = "zwanzig dreißig vierzig fünfzig sechzig siebzig achtzig neunzig".split()

_FRENCH_ONES = "un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze".split()
_FRENCH_ONES += "quinze seize dix-sept dix-huit dix-neuf".split()
_FRENCH_TENS = {
    "vingt": 20,
    "trente": 30,
    "quarante": 40,
    "cinquante": 50,
    "soixante": 60,
    "quatre-vingt": 80,
}
_ALSO_LONGER = (60, 80)  # soixante-quinze, quatre-vingt-dix-neuf

_SPANISH = (
    "dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciséis "
    "diecisiete dieciocho diecinueve veinte veintiuno veintidós veintitrés veinticuatro "
    "veinticinco veintiséis veintisiete veintiocho veintinueve treinta"
).split()
_SPANISH_TENS = "cuarenta cincuenta sesenta setenta ochenta noventa cien".split()
_SPANISH_HUNDREDS = (
    "doscientos trescientos cuatrocientos quinientos seiscientos setecientos ochocientos "
    "novecientos"
).split()

_ENGLISH_TOO = frozenset("sept seize once quince".split())


def _german() -> dict[str, float]:
    """Up to 999, and the thousands up to 999 thousand: ``zweihundertfünfzig``, ``dreitausend``."""
    below = {word: n for n, word in enumerate((*_GERMAN_ONES, *_GERMAN_TEENS), 1)}
    for ten, word in enumerate(_GERMAN_TENS, 2):
        below[word] = 10 * ten
        below |= {f"{one}und{word}": 10 * ten + n for n, one in enumerate(_GERMAN_ONES, 1)}
    known = dict(below)
    for n, one in enumerate(("", *_GERMAN_ONES)):
        hundred = f"{one}hundert"
        known[hundred] = 100 * max(n, 1)
        known |= {hundred + word: 100 * max(n, 1) + rest for word, rest in below.items()}
    known |= {f"{word}tausend": 1000 * n for word, n in known.items()}
    found = {word.casefold(): float(n) for word, n in known.items() if word != "ein"}
    halves = {f"{word}einhalb": n + 0.5 for word, n in below.items() if n < len(_GERMAN_ONES)}
    return found | halves | {"zwo": 2.0, "anderthalb": 1.5}


def _french() -> dict[str, float]:
    ones = {word: n for n, word in enumerate(_FRENCH_ONES, 1)}
    found = {word: n for word, n in ones.items() if word != "un"}
    for ten, tens in _FRENCH_TENS.items():
        last = 19 if tens in _ALSO_LONGER else 9
        found |= {ten: tens, f"{ten}-et-un": tens + 1}
        found |= {f"{ten}-{one}": tens + n for one, n in ones.items() if n <= last}
    found |= {"soixante-et-onze": 71, "quatre-vingts": 80}
    return _without_english(found)


def _spanish() -> dict[str, float]:
    found = {word: n for n, word in enumerate(_SPANISH, 2)}
    found |= {word: 10 * n for n, word in enumerate(_SPANISH_TENS, 4)}
    found |= {word: 100 * n for n, word in enumerate(_SPANISH_HUNDREDS, 2)}
    found |= {"veintiún": 21, "veintiuna": 21}
    return _without_english(found)


def _without_english(found: dict[str, int]) -> dict[str, float]:
    return {word: float(n) for word, n in found.items() if word not in _ENGLISH_TOO}


GERMAN = _german()
FRENCH = _french()
SPANISH = _spanish()
"""From each word in lower case to its number, without those that English has too."""
