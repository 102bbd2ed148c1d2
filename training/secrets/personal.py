"""Finds numbers and addresses of persons: of payment cards, accounts, identities, phones, mail.

What a whole team shares is nobody's: ``support@…``, a hotline, a reception.
"""

import re
from collections.abc import Callable, Iterator
from importlib import import_module

import phonenumbers
from stdnum import iban, luhn

_AROUND = 60
"""How many characters before and behind a number tell whose it is."""

_MOST = 50
"""The most numbers of one text that are looked at closely."""

_ACCOUNT = re.compile(
    r"(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?(?!\w)"
)
_CARD = re.compile(r"(?<![\d.-])(?:2[2-7]|3[47]|4\d|5[1-5]|6[0245])(?:[ -]?\d){11,17}(?![\d-])")
_MAIL = re.compile(r"(?<![\w.+-])([\w.+-]{1,64})@(?:[\w-]{1,63}\.){1,4}[A-Za-z]{2,24}(?!\w)")
_SPELT_MAIL = re.compile(
    r"(?<![\w.+-])((?:[\w+-]{1,64}(?: dot |\.)){0,4}[\w+-]{1,64}) ?"
    r"(?:[\[({] ?(?:at|@|ät|arroba|chez) ?[\])}] ?(?:[\w-]{1,63} ?(?:\.|[\[({ ]dot[\])} ]) ?){1,4}"
    r"|(?<= )at (?:[\w-]{1,63} dot ){1,4})[A-Za-z]{2,24}(?!\w)",
    re.IGNORECASE,
)
"""An address that is written for people only, as ``ana (at) quay.example``."""
_PHONE = re.compile(r"(?<![\w.,/-])\+?\(?\d(?:[ ()./-]{0,2}\d){6,14}(?!\d|[.,]\d|\w)")
_CALLED = re.compile(
    r"phone|call|mobile|cell|tel\b|tel\.|text|whatsapp|signal|ring|reach|contact|number is|"
    r"☎|📞|handy|\bruf"
    r"|telefon|anruf|erreich|mobil|appel|portable|téléphone|joindre|llam|móvil|teléfono|"
    r"chiam|cellul"
    r"|telefono|ligue|celular|telemóvel|bel |bellen|mobiel|zadzwo|komór|ring |puhelin|телефон|звон"
    r"|電話|电话|手机|携帯|전화|휴대폰",
    re.IGNORECASE,
)
_SHARED_PHONE = re.compile(
    r"hotline|help ?desk|helpline|reception|switchboard|emergency|front desk|central|support|office"
    r"|service|security|control room|dispatch|extension|customer|company|main number|fax|desk|team"
    r"|department|\bline\b|zentrale|empfang|notruf|notfall|büro|dienst|leitstelle|accueil|"
    r"urgence|standard|bureau"
    r"|recepción|emergencia|oficina|centralita|ufficio|emergenza|centralino|receção|"
    r"escritório|balie"
    r"|noodnummer|kantoor|recepcj|biuro|受付|代表|客服|前台|안내",
    re.IGNORECASE,
)
_PERSON = re.compile(
    r"\b(?:his|her|my|private|personal|home|herself|himself|privat\w{0,2}|seine|ihre|perso|"
    r"personnel"
    r"|personal|privado|privato)\b|\b[A-Z][a-zà-ÿ]{2,20}(?:'s)? [A-Z][a-zà-ÿ]{2,20}\b|"
    r"\b(?:Mr|Mrs|Ms|Dr|Herr|Frau|Mme)\b"
)
_SHARED_MAIL = frozenset(
    "info support help helpdesk service services office contact contacts hello hi team sales hr "
    "people it admin administration webmaster postmaster hostmaster abuse security privacy legal "
    "finance accounts accounting payroll billing invoice invoices invoicing orders order "
    "purchasing "
    "procurement jobs careers recruiting recruitment press media marketing newsletter noreply "
    "reply no dpo gdpr compliance feedback complaints returns warranty repairs maintenance "
    "facilities facility building reception frontdesk bookings booking reservations reservation "
    "events training safety health hse quality lab labs kitchen warehouse logistics dispatch "
    "shipping transport fleet travel expenses claims benefits pensions leave absence sick students "
    "student library archive museum school clinic ward pharmacy nurse doctors appointments "
    "production operations ops dev devops engineering tech technical research data board "
    "management director directors secretary secretariat community members membership volunteers "
    "donations grants projects project product shop store customer customers client clients desk "
    "phish phishing spam report reports incident incidents alerts alarm emergency first aid "
    "post mail mailbox inbox enquiries "
    "enquiry inquiries registration register unsubscribe everyone all staff crew group "
    "buero büro kontakt einkauf verkauf vertrieb rechnung rechnungen personal buchhaltung "
    "bewerbung technik empfang zentrale werkstatt lager hilfe datenschutz verwaltung "
    "contacto ventas compras facturas ayuda soporte oficina contatti vendite acquisti fatture "
    "assistenza ufficio contato vendas compras faturas suporte ajuda factures achats ventes aide "
    "accueil compta comptabilite rh secretariat verkoop inkoop facturen hulp".split()
)
_SAME_FORM = re.compile(r"[._+-]|(?<=\D)(?=\d)|(?<=\d)(?=\D)")
_REGIONS = ("GB", "US", "DE", "FR", "ES", "IT", "NL", "PL", "IN", "BR", "JP", "CN", "KR", "CH")

# With how a number is written where it can be told by that alone, or else only beside its name.
_IDENTITY = re.compile(
    r"(?<![\w-])(?:(?P<us_ssn>\d{3}-\d{2}-\d{4})|(?P<br_cpf>\d{3}\.\d{3}\.\d{3}-\d{2})"
    r"|(?P<ch_ssn>756[. ]?\d{4}[. ]?\d{4}[. ]?\d{2})"
    r"|(?P<it_codicefiscale>[A-Z]{6}\d{2}[A-EHLMPR-T]\d{2}[A-Z]\d{3}[A-Z])"
    r"|(?P<fr_nir>[12] ?\d{2} ?\d{2} ?\d{2} ?\d{3} ?\d{3} ?\d{2})"
    r"|(?P<es_dni>\d{8}-?[A-Z])|(?P<fi_hetu>\d{6}[-A]\d{3}[0-9A-Z])"
    r"|(?P<kr_rrn>\d{6}-[1-4]\d{6})|(?P<cn_ric>\d{17}[\dX]))(?![\w-])"
)
_NAMED_IDENTITY = re.compile(
    r"(?:social security|ssn|national insurance|\bnino\b|tax (?:id|number)|"
    r"steuer-?id\w{0,20}|identifikationsnummer"
    r"|sozialversicherung\w{0,10}|rentenversicherung\w{0,10}|personalausweis\w{0,8}|"
    r"sécurité sociale|\bdni\b|\bnie\b"
    r"|codice fiscale|burgerservicenummer|\bbsn\b|pesel|personnummer|\bcpr\b|\bcpf\b|"
    r"aadhaar|\bahv\b|identity (?:card|number)"
    r"|passport|reisepass|pasaporte|passaporto|id card|национальн|паспорт|снилс|"
    r"マイナンバー|身份证|주민등록번호)"
    r"[^\d\n]{0,40}?(?<![A-Z0-9])([A-Z]{0,2} ?\d(?:[ ./-]?[A-Z0-9]){5,16})(?!\w)",
    re.IGNORECASE,
)


def holds_account(text: str) -> bool:
    return any(iban.is_valid(found[0]) for found in _ACCOUNT.finditer(text))


def holds_card(text: str) -> bool:
    numbers = (re.sub(r"\D", "", found[0]) for found in _CARD.finditer(text))
    return any(luhn.is_valid(number) for number in numbers)


def holds_identity(text: str) -> bool:
    """Whether ``text`` has the number of a person at an authority."""
    for found in _IDENTITY.finditer(text):
        if found.lastgroup and _validator(found.lastgroup)(found[0]):
            return True
    return _NAMED_IDENTITY.search(text) is not None


def holds_phone(text: str) -> bool:
    """Whether ``text`` has a phone number of a person.

    It is a person's if a person is named beside it, or if it is of a mobile phone; nobody's if
    something that people share is named.
    """
    return any(_is_persons(*found) for found in _numbers(text))


def holds_email(text: str) -> bool:
    """Whether ``text`` has the address of a person, and not only shared ones."""
    plain = any(not _is_shared(found[1]) for found in _MAIL.finditer(text))
    spelt = (found[1].replace(" dot ", ".") for found in _SPELT_MAIL.finditer(text))
    return plain or any(not _is_shared(one) for one in spelt)


def _validator(name: str) -> Callable[[str], bool]:
    country, _, number = name.partition("_")
    found: Callable[[str], bool] = import_module(f"stdnum.{country}.{number}").is_valid
    return found


def _is_shared(local: str) -> bool:
    parts = [part for part in _SAME_FORM.split(local.casefold()) if part and not part.isdigit()]
    return not parts or any(part in _SHARED_MAIL for part in parts)


def _numbers(text: str) -> Iterator[tuple[str, str]]:
    """Numbers that may be phone numbers, each with what stands around it in its line."""
    for n, found in enumerate(_PHONE.finditer(text)):
        if n == _MOST:
            return
        before = text[max(0, found.start() - _AROUND) : found.start()].rpartition("\n")[2]
        behind = text[found.end() : found.end() + _AROUND].partition("\n")[0]
        around = f"{before} {behind}"
        if found[0].startswith("+") or _CALLED.search(around):
            yield found[0], around


def _is_persons(number: str, around: str) -> bool:
    kind = _kind(number)
    if kind is None:
        return False
    if _SHARED_PHONE.search(around):
        return False
    mobile = (
        phonenumbers.PhoneNumberType.MOBILE,
        phonenumbers.PhoneNumberType.PERSONAL_NUMBER,
    )
    return kind in mobile or _PERSON.search(around) is not None


def _kind(number: str) -> int | None:
    """The type of a valid phone number; None if it is none."""
    for region in (None,) if number.startswith("+") else _REGIONS:
        try:
            parsed = phonenumbers.parse(number, region)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(parsed):
            return phonenumbers.number_type(parsed)
    return None
