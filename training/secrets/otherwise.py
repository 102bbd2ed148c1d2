"""Finds passwords and codes that are told in another order, or without a word such as ``is``.

``4711 is the door code``, ``user admin, pass hunter2``, ``press 1-2-3-4 on the keypad``.
"""

import re

_VALUE = r"(?P<value>[^\s\"'“”„«»`,;()]{4,64})"
_OPEN = r"[\"'“„«`*_(]{0,3}"
_CLOSED = r"[\"'”»`*_)]{0,3}"
_IS = r"(?:is|was|are|ist|lautet|heißt|est|es|è|é|to|jest|är|er)"
_DIGITS = r"(?<![\d.,:/€$£-])\d(?:[ -]?\d){2,9}(?![\d€$£%-]|[.,]\d| ?(?:mm|cm|m|kg|g|l)\b)"
_OPENS = (
    r"(?:opens?|opened|unlocks?|unlocked|disarms?|disarmed|deactivates?|deactivated|"
    r"(?:turn|turns|turned|switch|switches|switched) off|geht|öffne[nt]?|geöffnet|entsperren|"
    r"entsperrt|entschärft?|ouvre|ouvrez|désactive[rz]?|abre|abrir|apre|apri|opent|öppnas|åpnes)"
)
_WITH = (
    r"(?:with|using|mit|avec|con|com|met|med) (?:(?:the|dem|der|le|el|il|de) )?"
    r"(?:(?:code|pin|combination|number|digits|kode|zahlen|código|codice) )?"
)
_ENDS = (
    r"[*#]?(?=[\"'”»`*_)]{0,3}"
    r"(?:\s*\Z|\s*[.,;:!?\n)]| (?:auf|ab|aus|and|or|on|at|und|oder|et|then)\b))"
)
"""What comes after a code, so that ``opens with 250 seats`` tells none."""
_WORKS = (
    r"(?:works?|working|worked|opens?|opened|fails?|failed|is (?:not )?(?:valid|accepted)|"
    r"funktioniert|geht|gilt|stimmt|fonctionne|marche|funciona|funziona|werkt)"
)
_RULES = (
    r"(?![ -]?(?:manager|polic\w+|rules?|length|reset|change\w*|form|tool|generator|age|"
    r"history|expiry|field|hint)\b)"
)
_STRONG = re.compile(r"\A(?=.*[^\W\d_])(?=.*[\d!#$%&*+=?@^~])")
"""A value that has letters, and also digits or signs."""
_NO_VALUES = frozenset("1password 2fa mfa2 office365 o365 windows10 windows11 24/7".split())


def patterns(passwords: str, doors: str, codes: str) -> tuple[str, str]:
    """Regular expressions of what tells a password, and a code, from those of words that name them.

    Upper and lower case are the same.
    """
    named = rf"(?<![^\W\d_])(?:{passwords})s?(?![^\W\d_])"
    door = rf"(?<![^\W\d_])(?:{doors})(?![^\W\d_])"
    code = rf"(?<![^\W\d_])(?:{codes})(?![^\W\d_])"
    opening = (
        r"door|gate|entrance|keypad|alarm|safe|vault|lock|padlock|unlock|garage|barrier|hash|"
        r"pound key|star key|tür|tor|porte|puerta|porta|deur"
    )
    password = (
        rf"(?<!\S){_OPEN}{_VALUE.replace('value', 'first')}{_CLOSED} {_IS} [^.!?\n]{{0,40}}?{named}"
        rf"{_RULES}",
        rf"{named} {{1,3}}{_OPEN}(?P<digits>\d{{4,12}})(?![\d.,%]| (?:characters|letters|days))",
        rf"{named} {{1,3}}(?:to )?{_OPEN}{_VALUE.replace('value', 'behind')}",
        rf"\b(?:pass|pwd|login|credentials)(?: is|[:=]) ?{_OPEN}{_VALUE.replace('value', 'short')}",
        rf"\b(?:user(?:name)?|login|account)[:= ][^.!?\n]{{1,40}}[/,|] ?"
        rf"(?:pass|pw|pwd)?[:= ]{{0,2}}{_VALUE.replace('value', 'pair')}",
        rf"\b(?:log|sign)(?:s|ging|ning)? (?:in|on)\b[^.!?\n]{{0,30}} (?:with|as|using) \S{{1,40}}"
        rf" ?(?:and|/|with) ?{_OPEN}{_VALUE.replace('value', 'login')}",
        rf"(?<!\S)[\w.-]{{2,30}}/{_VALUE.replace('value', 'slash')} logs? ",
    )
    told_code = (
        rf"{_DIGITS}[*#]?{_CLOSED} {_IS} [^.!?\n]{{0,40}}?"
        rf"(?:{door}[^.!?\n]{{0,30}}{code}|{code}[^.!?\n]{{0,30}}{door})",
        rf"{_DIGITS}[*#]?{_CLOSED} (?:opens|unlocks|disarms|öffnet|entsperrt|ouvre|abre|apre) "
        rf"[^.!?\n]{{0,30}}?{door}",
        rf"\b(?:press|enter|type|tap|punch in|key in|takes|drücke\w*|tippe\w*|tapez|pulsa|marca|"
        rf"digita|teclea)\b[^.!?\n\d]{{0,25}}{_DIGITS}[^.!?\n]{{0,40}}?\b(?:{opening})\b",
        rf"\b(?:{opening})\b[^.!?\n]{{0,40}}?\b(?:press|enter|type|tap|punch in|key in|takes|"
        rf"drücke\w*|tippe\w*|tapez|pulsa|marca|digita|teclea)\b[^.!?\n\d]{{0,25}}{_DIGITS}",
        rf"{door}[^.!?\n\d]{{0,40}}(?<!\d)\d{{3,8}}[*#](?!\w)",
        rf"(?:{door}[^.!?\n\d]{{0,40}}?\b{_OPENS}\b|\b{_OPENS}\b[^.!?\n\d]{{0,30}}?{door})"
        rf"[^.!?\n\d]{{0,25}}?\b{_WITH}{_OPEN}{_DIGITS}{_ENDS}",
        rf"\b{_WITH}{_OPEN}{_DIGITS}[*#]?{_CLOSED},? (?:the|you|we|it|der|die|das|man|le|la|el|il|"
        rf"{_OPENS})\b[^.!?\n\d]{{0,40}}?"
        rf"(?:{door}[^.!?\n\d]{{0,20}}?\b(?:{_OPENS}|auf)\b|\b{_OPENS}\b[^.!?\n\d]{{0,20}}?{door})",
        rf"(?:\b\w{{1,20}} )?{code} {{1,2}}{_OPEN}{_DIGITS}[*#]?{_CLOSED} [^.!?\n\d]{{0,30}}?"
        rf"\b{_WORKS}\b[^.!?\n\d]{{0,40}}?{door}",
    )
    return "|".join(password), "|".join(told_code)


def holds_value(pattern: re.Pattern[str], text: str) -> bool:
    """Whether ``pattern``, one of passwords, finds a value in ``text`` that is written as none."""
    for found in pattern.finditer(text):
        value = next((one for one in found.groups() if one), "").rstrip(".,;:!?")
        if found["digits"] or (_STRONG.match(value) and value.casefold() not in _NO_VALUES):
            return True
    return False
