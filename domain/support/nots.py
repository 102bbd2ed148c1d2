"""The words for "not" of other languages than English, German, French and Spanish.

Those of text without blanks are in ``scripts``. Each word here has no other meaning in the
languages that are compared, or is counted only beside words of its own language.
"""

from functools import lru_cache
from unicodedata import normalize

from domain.function_words import FUNCTION_WORDS
from domain.support.scripts import DENIED_IN
from domain.support.tokens import Token

_NOTS = {
    "Italian": (
        "niente nulla nessun nessuno nessuna senza né vietato vietata vietati vietate proibito "
        "proibita impossibile"
    ),
    "Portuguese": (
        "não nenhum nenhuma ninguém nem sem proibido proibida proibidos proibidas impossível"
    ),
    "Dutch": "niet geen nooit niemand niets nergens zonder verboden onmogelijk",
    "Swedish": "inte ej icke aldrig ingen inget inga ingenting förbjudet förbjuden förbjudna",
    "Danish": "ikke aldrig aldri ingen intet ingenting uden uten forbudt umuligt umulig",
    "Finnish": "eivät emme älä älkää ilman kielletty kiellettyä kielletään mahdotonta",
    "Polish": (
        "nie bez zakaz zakazany zakazana zakazane zakazuje zabroniony zabroniona zabronione "
        "zabrania wzbroniony wzbronione niemożliwe niedozwolone niedozwolony"
    ),
    "Czech": (
        "není nejsou nesmí nesmějí nesmíte nelze nemůže nemohou nemůžete nemusí nemusíte nemá "
        "nemají nebude nebudou neplatí bez zákaz zakázáno zakázán zakázána zakázaný nemožné"
    ),
    "Turkish": "değil değildir yok yoktur yasak yasaktır imkansız imkânsız",
    "Indonesian": "tidak bukan jangan tanpa dilarang belum mustahil",
    "Vietnamese": "không chưa đừng chẳng cấm",
    "Greek": "δεν δε μην όχι χωρίς δίχως απαγορεύεται απαγορεύονται αδύνατο",
    "Arabic": (
        "لا ولا لم ولم لن ليس ليست ليسوا غير بدون دون ممنوع ممنوعة يمنع يُمنع يحظر يُحظر محظور "
        "نیست نیستند ندارد نباید نہیں"
    ),
    "Hebrew": "לא אין אסור אסורה בלי ללא אינו אינה אינם",
    "Devanagari": "नहीं न मत बिना निषिद्ध वर्जित मना असंभव नाही छैन",
    "Cyrillic": "не нет нельзя без нема немає",
}
_ALL = frozenset(normalize("NFC", " ".join(_NOTS.values()).casefold()).split())
_BEGINNINGS = tuple(
    "запрещ воспрещ невозмож недопуст недоступ заборон неможлив неприпуст".split()
)  # Russian, Ukrainian
_ENDINGS = tuple(  # of Turkish verbs
    "maz mez mazlar mezler mazsınız mezsiniz mamalı memeli mamalıdır memelidir mıyor miyor muyor "
    "müyor mamaktadır memektedir mayacak meyecek mayacaktır meyecektir".split()
)
_BESIDE = {
    **dict.fromkeys(
        ("non", "mai"),  # in English names and German months too
        "è sono di che gli della del dei delle degli dello nel nella nei nelle alla alle dal dalla "
        "può possono deve devono viene vengono entro ha hanno più questo questa ogni",
    ),
    "ei": "ole saa voi tarvitse kuulu saavat voida ovat tämä joka jos tai myös mutta kun",
    "nada": "é são uma pode podem o os ao de el la los las se",
}
"""Words that are a not only if one of these words of their language is in the sentence."""

_BESIDE_EACH = {word: frozenset(line.split()) for word, line in _BESIDE.items()}
_NO_IN_PORTUGUESE = frozenset("é são não uma pelo pela pode podem ao aos às até você".split())
_KNOWN = frozenset((*_NOTS, *DENIED_IN, *FUNCTION_WORDS, "English"))


def are_known(language: str) -> bool:
    """Whether the nots of a language are known, as ``languages.language`` names it."""
    return language in _KNOWN


def is_not(word: Token, lows: frozenset[str]) -> bool:
    """Whether ``word`` denies in one of these languages; ``lows`` are the words of its sentence."""
    if word.low in _BESIDE_EACH:
        return not lows.isdisjoint(_BESIDE_EACH[word.low])
    return _denies(word.text)


@lru_cache(maxsize=20_000)  # texts repeat their words
def _denies(text: str) -> bool:
    low = text.casefold()
    if low in _ALL:
        return not (text.isupper() and text.isascii())  # a code in capitals
    return low.startswith(_BEGINNINGS) or (text.islower() and low.endswith(_ENDINGS))


def is_in_the(low: str, lows: frozenset[str]) -> bool:
    """Whether ``no`` is the Portuguese word for ``in the``."""
    return low == "no" and not lows.isdisjoint(_NO_IN_PORTUGUESE)
