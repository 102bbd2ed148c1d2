"""Tells that a person wants an answer for themselves alone, by words before or behind a question.

Only words that stand apart are such a wish: "just for me: …", "…? Privately, please." Within a
sentence they are a part of the question, as in "Is the car only for me?".
"""

import re

from bot.questions.manners import begins, folded

_LOOKED_AT = 200
"""Characters at each end of a message in which the wish may stand."""

_PHRASES = (
    # English
    r"(?:(?:answer|reply|tell me|show)\s)?(?:this\s|it\s)?(?:just|only)\s(?:for|to)\sme",
    r"for\smy\seyes\sonly|(?:(?:answer|tell|reply\sto)\s(?:me\s)?)?(?:privately|in\sprivate)",
    # German
    r"(?:antworte?\s)?(?:nur|bloß)\s(?:für\smich|mir)|(?:antworte?\smir\s)?privat",
    # French
    r"(?:juste|seulement|rien\sque|uniquement)\spour\smoi|(?:réponds-moi\s)?en\sprivé",
    # Spanish
    r"(?:solo|sólo|solamente|únicamente)\spara\smí|(?:respóndeme\s)?en\sprivado",
    # Japanese
    r"(?:私|自分|僕|わたし)(?:だけ|のみ)(?:に|へ)?(?:教えて|答えて|見せて)?(?:ください|下さい)?|非公開で",
    # Hindi
    r"(?:सिर्फ|सिर्फ़|केवल|बस)\s(?:मेरे\sलिए|मुझे(?:\sबताएं|\sबताओ|\sबताइए)?)|निजी\s(?:तौर|रूप)\s(?:पर|से)",
)
_PLEASE = r"(?:please|pls|bitte|s'il te plaît|s'il vous plaît|svp|por favor|お願いします|कृपया)"
_GREETING = r"(?:hi|hello|hey|hallo|bonjour|salut|hola|こんにちは|नमस्ते)"
_WISH = rf"(?:{_PLEASE}\s)?(?:{'|'.join(_PHRASES)})(?:,?\s?{_PLEASE})?"
_SIGN = r"\s?[:,;.!?()\[\]、：。！？।]|\s[-–—]\s|\n"

_BEFORE = re.compile(
    rf"\s{{0,9}}(?:{_GREETING}[\s,!]{{1,9}})?[(\[]?(?:{_WISH})(?:(?P<sign>{_SIGN})|(?=\s))",
    re.IGNORECASE,
)
_BEHIND = re.compile(
    rf"(?P<sign>{_SIGN})\s{{0,9}}(?:{_WISH})[\s.!?)\]。！？।]{{0,9}}\Z", re.IGNORECASE
)
_ENDS = "?.!。！？।"


def without_wish(text: str) -> tuple[str, bool]:
    """``text`` without the wish, and whether it had one. What is nothing but a wish stays."""
    if found := _BEFORE.match(text[:_LOOKED_AT]):
        rest = text[found.end() :].strip(" \n:,;.!-–—()[]、：。")
        # Without a sign between, only a question is one: "privately owned cars" is no wish.
        if rest and (found["sign"] or begins(folded(rest), "asks", first=True)):
            return text[found.end() :].lstrip(" \n:,;.!-–—()[]、：。"), True
    start = max(len(text) - _LOOKED_AT, 0)
    if found := _BEHIND.search(text, start):
        sign = found["sign"].strip()
        kept = text[: found.start()].rstrip() + (sign if sign in _ENDS else "")
        if kept.strip(_ENDS):
            return kept, True
    return text, False
