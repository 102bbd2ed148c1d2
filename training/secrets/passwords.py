"""Finds passwords and the codes of doors, by the words with which people tell them."""

import re

from domain.function_words import STOPWORDS
from training.secrets.otherwise import holds_value, patterns

_PASSWORD = (
    r"pass ?word|pass ?code|pass ?phrase|passwd|pwd|pw|passwort|kennwort|wlan-schlüssel"  # noqa: S105 - it is no password
    r"|(?:wi-?fi|wlan|network)[ -](?:key|code)"
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
_LOGIN = re.compile(
    r"\b(?:log-?ins?|credentials|zugangsdaten|anmeldedaten|identifiants)\b", re.IGNORECASE
)
_WIFI = re.compile(r"\b(?:wi-?fi|wlan|wireless|hotspot|guest network)\b", re.IGNORECASE)
_JOINED = re.compile(
    r"\b(?:(?:get|log|sign|go) ?(?:on|onto|in|into)|(?:re)?connect(?:ed)?|join|access|komm\w{0,3}|"
    r"verbind\w{1,3}|einlogg\w{1,3}|connecte\w{0,2}|conect\w{1,3}|connett\w{1,3}|verbonden)\b",
    re.IGNORECASE,
)
_WIFI_PASSWORD = re.compile(
    r"(?!wpa)(?=\S{8,63}\Z)(?:\d+|(?=(?:\S*?[^\W\d_]){3})\S*?[\d!#$%&*+=?@^~]\S*)", re.IGNORECASE
)
"""Its keys have eight characters or more."""
_IS_ASKED = re.compile(r"\bwie (?=(?:lautet|heißt|ist) )", re.IGNORECASE)
"""How the value itself is asked for in German."""
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
    r"\w{0,12}tür|\w{0,12}türe|hoftor|garagentor|tor|eingang\w{0,5}|zugang\w{0,5}|alarm\w{0,6}|tresor|schloss|porte|portail|"
    r"entrée|accès|immeuble|bâtiment|edificio|gebäude|keypad|printer|"
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
_OTHER_PASSWORD, _OTHER_CODE = (
    re.compile(one, re.IGNORECASE) for one in patterns(_PASSWORD, _DOOR, rf"{_CODE}|{_COMPOUND}")
)
_MENTIONED = (
    "pass pwd pw kennwort wort schlüssel parol parola mdp contraseña clave senha wachtwoord kode "
    "lösenord passord hasło heslo jelszó salasana şifre sandi khẩu пароль паролем κωδικός "
    "סיסמה كلمة पासवर्ड 密码 密碼 口令 パスワード 暗証番号 비밀번호 암호 รหัสผ่าน "
    "key code log sign user account credentials"
).split()
"""What each text has that tells a password; of most texts this is known quickly."""
_QUOTED = re.compile(
    rf"(?<![^\W\d_])(?:{_PASSWORD})s?(?![^\W\d_])[^.!?\n\"“„«]{{0,40}}{_IS}[ \t]{{0,2}}"
    r"[\"“„«]([^\"”“»\n]{3,64})[\"”“»]",
    re.IGNORECASE,
)
_PHRASE = re.compile(r"\bpass ?phrase (?:is|[:=])[ \t]{0,2}([^.!?\n]{3,64})", re.IGNORECASE)
_OPENED = re.compile(
    r"\b(?:type|press|key in|open|opens|unlock|unlocks|get in|get into|enter|disarm|disarmed|"
    r"deactivate|(?:turn|switch)(?: \w{1,20}){0,3} off|öffne\w*|geht|entschärf\w{1,3}|"
    r"(?:schalte|mache) ich|ausschalte\w*|aufmache\w*|ouvr\w+|désactiv\w+|desactiv\w+|"
    r"disattiv\w+|abr\w+)\b",
    re.IGNORECASE,
)
_HOW_MUCH = re.compile(r"\bhow (?:much|many|long|often|old|far)\b|\bwhen\b|\bwho\b", re.IGNORECASE)
_CODED = (
    "code kod codi códi pin comb komb key press type enter open unlock disarm öffn geht".split()
)
"""What a text has in which a code may be read out."""
_ONCE = re.compile(
    r"\b(?:one[- ]time|recovery|backup|verification|activation|reset|2fa|mfa|sms|pairing) ?codes?\b"
    r"[^.!?\n\d]{0,20}(?:is|are|[:=]) ?[\"'“„`*(]{0,2}(?=\S{0,20}\d)[A-Za-z0-9-]{4,20}",
    re.IGNORECASE,
)
_DOORS = re.compile(rf"(?<![^\W\d_])(?:{_DOOR})(?![^\W\d_])", re.IGNORECASE)
_ENDS_AS_KEYED = re.compile(r"(?<![\w.,])\d{3,8}[*#](?!\w)")
_SPELT = {
    word: str(n)
    for n, words in enumerate(
        "zero oh null cero|one eins un uno|two zwei deux dos|three drei trois tres|"
        "four vier quatre cuatro|five fünf cinq cinco|six sechs seis|"
        "seven sieben siete|eight acht huit ocho|nine neun neuf nueve".split("|")
    )
    for word in words.split()
}
_SPELT_CODE = re.compile(
    rf"(?<!\w)(?:{'|'.join(_SPELT)})(?:[ ,-]{{1,2}}(?:{'|'.join(_SPELT)})){{2,9}}(?!\w)",
    re.IGNORECASE,
)
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
_SENDS = frozenset("ask see contact check call mail try use written printed behind under".split())
_FOLLOWS = frozenset(
    "sent kept set secret required stored shown same confidential personal case sensitive only "
    "never always every each must longer shorter characters".split()
)

_NEAR = 30
"""How far from its name a word stands at most that is a password although it looks like none."""


def holds_password(text: str) -> bool:
    """Whether ``text`` tells a password: a value that is written as no word is, or a last word."""
    low = text.casefold()
    return any(each in low for each in _MENTIONED) and (
        any(_is_value(*found.groups()) for found in _TOLD.finditer(text))
        or any(_is_quoted(found[1]) for found in _QUOTED.finditer(text))
        or any(_is_phrase(found[1]) for found in _PHRASE.finditer(text))
        or holds_value(_OTHER_PASSWORD, text)
    )


def holds_code(text: str) -> bool:
    """Whether ``text`` tells the code of a door, an alarm or the like, or a PIN."""
    low = text.casefold()
    plain = _in_digits(text) if any(each in low for each in _CODED) else text
    if _ONCE.search(plain):
        return True
    if not _THREE_DIGITS.search(plain):
        return False  # of most texts this is known quickly
    found = (*_DOOR_CODE.finditer(plain), *_OTHER_CODE.finditer(plain))
    return any(not _PLACE.search(one[0]) for one in found)


def tells_password(question: str, answer: str) -> bool:
    """Whether a question asks for a password and the answer is one: ``sunshine77``."""
    words = answer.strip(" .!\"'`").split()
    if _WIFI.search(question) and (_JOINED.search(question) or _ASKED.search(question)):
        is_short = len(words) <= _SHORT
        if is_short and any(_WIFI_PASSWORD.match(word.strip(".,\"'`")) for word in words):
            return True
    asked = _IS_ASKED.sub("", question)
    is_login = _LOGIN.search(asked) is not None
    if not (is_login or _ASKED.search(asked)) or _ABOUT.search(asked) or len(words) > _SHORT:
        return False
    if is_login and len(words) > 1:
        return words[1] in ("/", "|", ":") or any(map(_looks_made, words))
    if len(words) == 1:
        return words[0].casefold() not in _NO_PASSWORD | {"yes"}
    return any(map(_looks_made, words)) or (len(words) > 2 and _is_phrase(answer))


def tells_code(question: str, answer: str) -> bool:
    """Whether a question asks for the code of a door and the answer has digits: ``4711#``.

    Or how it is opened, and the answer is hardly more than them.
    """
    plain = _in_digits(answer)
    if _ASKED_CODE.search(question):
        return _VALUE.search(plain) is not None
    if not _DOORS.search(question) or _HOW_MUCH.search(question):
        return False
    if _ENDS_AS_KEYED.search(plain):
        return True
    is_short = len(plain.split()) <= _SHORT
    return is_short and bool(_OPENED.search(question)) and _VALUE.search(plain) is not None


def _in_digits(text: str) -> str:
    """``text`` with digits in place of three number words in a row, as codes are read out."""
    return _SPELT_CODE.sub(
        lambda found: "".join(_SPELT[word] for word in re.findall(r"\w+", found[0].casefold())),
        text,
    )


def _looks_made(word: str) -> bool:
    return _SIGNS.search(word) is not None and not word.isdigit()


def _is_quoted(value: str) -> bool:
    """Whether what stands in quotation marks is more than a word about passwords."""
    return not {word.casefold() for word in value.split()} <= _NO_PASSWORD


def _is_phrase(text: str) -> bool:
    """Whether a text is only words that make no sentence, as those of a passphrase do."""
    said = [word.casefold() for word in text.strip(" .!\"'`“”").split()]
    if len(said) < 2 or said[0] in _SENDS:
        return False
    return all(
        word.isalnum() and word not in STOPWORDS | _FOLLOWS and not word.endswith(_ENDINGS)
        for word in said
    )


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
