"""Finds passwords and the codes of doors, by the words with which people tell them."""

import re

_PASSWORD = (
    r"pass ?word|pass ?code|pass ?phrase|passwd|pwd|pw|passwort|kennwort|wlan-schlüssel"  # noqa: S105 - it is no password
    r"|mot de passe|mdp|contraseña|clave|senha|palavra-passe|parola d'ordine|parola|wachtwoord"
    r"|lösenord|passord|adgangskode|hasło|heslo|jelszó|salasana|şifre|kata sandi|mật khẩu|пароль"
    r"|паролем|κωδικός|סיסמה|كلمة المرور|पासवर्ड|密码|密碼|口令|パスワード|暗証番号|"
    r"비밀번호|암호|รหัสผ่าน"
)
_IS = (
    r"(?:is|was|are|becomes|=|:|→|->|ist|lautet|heißt|est|es|è|é|jest|är|er|это|είναι|is now|"
    r"has been|은|는|は|是|为|為|：|के लिए है|है)"
)
_OPEN = r"[ \t\"'“„«`*_(]{0,4}"
_TOLD = re.compile(
    rf"(?<![^\W\d_])(?:{_PASSWORD})s?(?![^\W\d_a-zは是为為은는이])([^.!?\n]{{0,60}}?)(?:(?<=\s)|(?<=\w)(?=[:=：→は是为為은는])|(?<=[\"')]))"
    rf"{_IS}{_OPEN}([^\s\"'“”„«»`*]{{1,64}})([^\n]?[^\n]?[^\n]?)",
    re.IGNORECASE,
)
_ASKED = re.compile(rf"(?<![^\W\d_])(?:{_PASSWORD})(?![a-z])", re.IGNORECASE)
_ABOUT = re.compile(
    r"\b(?:how|who|when|where|why|whom|may|can|must|should|length|characters?|letters|"
    r"minimum|maximum|"
    r"policy|rules?|manager|tool|which (?:app|program)|wie|wer|wann|wo|warum|länge|comment|"
    r"qui|quand|où|"
    r"longueur|cómo|quién|cuándo|dónde|longitud|come|chi|dove|lunghezza)\b",
    re.IGNORECASE,
)
"""What a question about passwords asks that has no password as its answer."""


_DOOR = (
    r"door|gate|entry|entrance|access|alarm|safe|vault|lock|padlock|keypad|key ?box|key ?safe|"
    r"garage|barrier|shed|locker|room|building|site|unlock|cabinet|cupboard|lift|elevator|"
    r"tür|türe|tor|eingang\w{0,5}|zugang\w{0,5}|alarm\w{0,6}|tresor|schloss|porte|portail|"
    r"entrée|accès|"
    r"coffre|puerta|acceso|caja fuerte|porta|portão|cancello|accesso|cassaforte|cofre|deur|toegang|"
    r"drzwi|bramy|sejf\w{0,2}|dörr\w{0,2}|dør\w{0,3}|ovi\w{0,3}|kapı|двер\w{1,4}|"
    r"ворот\w{0,3}|сейф\w{0,3}"
)
_CODE = r"codes?|kode|kod|pin|pins|combination|kombination|código|codice|koodi|код"
_DIGITS = r"[*#]?(?<![\d.,:/€$£])\d(?:[ -]?\d){2,9}[*#]?(?![\d€$£%]|[.,]\d)"
_COMPOUND = (
    r"tür-?code|tor-?code|zugangs-?code|alarm-?code|eingangs-?code|schloss-?code|deurcode|"
    r"toegangscode|"
    r"alarmcode|digicode|portkod|dörrkod|dørkode|ovikoodi|dörkode|pin-?code|pin|door-?code|keycode|"
    r"门禁密码|门禁码|門禁密碼|開門密碼|ドアコード|入口の番号|暗証番号|도어락|출입 코드|비밀번호"
)
_DOOR_CODE = re.compile(
    rf"(?<![^\W\d_])(?:{_COMPOUND})(?![a-z])[^.!?\n\d]{{0,40}}(?P<a>{_DIGITS})"
    rf"|(?<![^\W\d_])(?:{_DOOR})(?![^\W\d_])[^.!?\n\d]{{0,40}}\b(?:{_CODE})\b[^.!?\n\d]{{0,40}}(?P<b>{_DIGITS})"
    rf"|\b(?:{_CODE})\b[^.!?\n\d]{{0,40}}(?<![^\W\d_])(?:{_DOOR})(?![^\W\d_])[^.!?\n\d]{{0,40}}(?P<c>{_DIGITS})"
    rf"|\b(?:press|enter|type|dial|tap|punch in|key in|"
    rf"code)\s{{1,3}}[*#]?(?:is )?(?P<d>\d{{3,8}}[*#])",
    re.IGNORECASE,
)
_ASKED_CODE = re.compile(
    rf"(?<![^\W\d_])(?:{_COMPOUND})(?![a-z])"
    rf"|(?<![^\W\d_])(?:{_DOOR})(?![^\W\d_])[^.!?\n]{{0,40}}\b(?:{_CODE})\b"
    rf"|\b(?:{_CODE})\b[^.!?\n]{{0,40}}(?<![^\W\d_])(?:{_DOOR})(?![^\W\d_])",
    re.IGNORECASE,
)
_VALUE = re.compile(_DIGITS)
_THREE_DIGITS = re.compile(r"\d(?:[ -]?\d){2}")
"""What each code has."""
_PLACE = re.compile(
    r"\b(?:post|zip|error|fault|area|country|dial\w{0,3}|colou?r|dress|qr|bar|"
    r"status)\b",
    re.IGNORECASE,
)

_NO_PASSWORD = frozenset(
    "a an the in on at to for by from with and or not no never only always also as it that this "
    "your our their his her my its of than then there here so too very still now one two three "
    "four six eight ten twelve at least required valid invalid empty secret correct incorrect "
    "wrong right needed mandatory confidential optional case-sensitive sensitive personal "
    "temporary unknown different same new old long short strong weak safe private shared stored "
    "kept sent set reset changed made given used written printed shown hidden lost forgotten known "
    "saved due up good bad enough available unique random complex simple individual mandatory "
    "case minimum maximum between under over after before until every each valid locked expired "
    "der die das ein eine im am nicht erforderlich geheim gültig falsch richtig nötig notwendig "
    "le la les un une dans sur pas obligatoire valide secret incorrect requis nécessaire el los en "
    "no obligatorio válida secreto incorrecta necesario il lo nel non obbligatoria valida o os "
    "uma na não obrigatória válida niet geldig verplicht nodig het een wymagane".split()
)
_ENDINGS = ("ed", "able", "ible", "ert", "iert", "endert", "ée", "ado", "ada", "ato", "ata")
_SIGNS = re.compile(r"[\d!#$%&*+=?@^~_]|(?<=[a-z])[A-Z]")
_SENTENCE_END = re.compile(r"\A(?:[\"'”»`*)]{0,2}[.!,;]?\s*\Z|[\"'”»`)]|\s*\n)")
_SHORT = 4

_NEAR = 30
"""How far from its name a word stands at most that is a password although it looks like none."""


def holds_password(text: str) -> bool:
    """Whether ``text`` tells a password: a value that is written as no word is, or a last word."""
    return any(_is_value(*found.groups()) for found in _TOLD.finditer(text))


def holds_code(text: str) -> bool:
    """Whether ``text`` tells the code of a door, an alarm or the like, or a PIN."""
    if not _THREE_DIGITS.search(text):
        return False  # of most texts this is known quickly
    return any(not _PLACE.search(found[0]) for found in _DOOR_CODE.finditer(text))


def tells_password(question: str, answer: str) -> bool:
    """Whether a question asks for a password and the answer is one: ``sunshine77``."""
    words = answer.strip(" .!\"'`").split()
    if not _ASKED.search(question) or _ABOUT.search(question) or len(words) > _SHORT:
        return False
    if len(words) == 1:
        return words[0].casefold() not in _NO_PASSWORD | {"yes"}
    return any(_SIGNS.search(word) and not word.isdigit() for word in words)


def tells_code(question: str, answer: str) -> bool:
    """Whether a question asks for the code of a door and the answer has digits: ``4711#``."""
    return bool(_ASKED_CODE.search(question)) and bool(_VALUE.search(answer))


def _is_value(between: str, value: str, behind: str) -> bool:
    plain = value.strip(".,;:!?)]}\"'”»")
    low = plain.casefold()
    if not plain or low in _NO_PASSWORD:
        return False
    if plain.isdigit() and len(plain) < 4:
        return False
    if _SIGNS.search(plain.rstrip("?")):
        return not re.fullmatch(r"\d{1,3}(?:[-–]\d{1,3})?\w{0,2}", plain)
    if len(between) > _NEAR or "," in between:
        return False
    is_last = value[-1:] in ".!" or _SENTENCE_END.match(behind) is not None
    return is_last and not low.endswith(_ENDINGS)
