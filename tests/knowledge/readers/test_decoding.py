import unicodedata
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import UnreadableSource
from knowledge.readers.decoding import decoded
from tests.hostile import is_linear

RUSSIAN = "Порядок отпуска\n\nОтпуск длится двадцать восемь дней.\n"
GREEK = "Η άδεια διαρκεί είκοσι πέντε ημέρες. Η βάρδια αρχίζει στις έξι."
POLISH = "Urlop trwa dwadzieścia sześć dni i przysługuje każdemu."
JAPANESE = "休暇は年に二十日です。事前に申請してください。"
KOREAN = "휴가는 일 년에 이십 일입니다. 미리 신청하세요."
HEBREW = "החופשה נמשכת עשרים ימים בשנה. המשמרת מתחילה בשש בבוקר."


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (RUSSIAN, "cp1251"),
        (RUSSIAN, "koi8-r"),
        (RUSSIAN, "cp866"),
        (RUSSIAN, "iso8859-5"),
        ("Ключи от склада лежат у охраны.", "koi8-r"),
        (GREEK, "cp1253"),
        (GREEK, "iso8859-7"),
        (HEBREW, "cp1255"),
        ("تستمر الإجازة ثلاثين يوما في السنة.", "cp1256"),
        ("İzin yılda yirmi gün sürer ve önceden istenir.", "cp1254"),
        (POLISH, "cp1250"),
        (POLISH, "iso8859-2"),
        ("Dovolená trvá pětadvacet dní v roce.", "cp1250"),
        (JAPANESE, "shift_jis"),
        (JAPANESE, "euc_jp"),
        (JAPANESE, "iso2022_jp"),
        ("休假每年二十天，须提前申请。", "gb18030"),
        ("休假每年二十天，須提前申請。", "big5"),
        (KOREAN, "euc_kr"),
        ("วันลาพักร้อนมียี่สิบวันต่อปี ต้องขอล่วงหน้า", "cp874"),
        ("The café opens at nine.", "cp1252"),
        ("Don’t use the “old” door – it is shut…", "cp1252"),
        ("Price: 5 €", "cp1252"),
        ("Größe", "cp1252"),
        ("Smørrebrød på Ærø", "cp1252"),
        ("Der Urlaub dauert dreißig Tage. Früh übt sich.", "cp850"),
    ],
)
def test_text_in_an_old_encoding_is_read_without_a_word_about_it(text: str, encoding: str) -> None:
    assert decoded(text.encode(encoding)) == text


@pytest.mark.parametrize("text", [RUSSIAN, GREEK, POLISH, "Plain words.\n", f"{JAPANESE}\n"])
@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_unicode_in_wide_characters_needs_no_mark(text: str, encoding: str) -> None:
    assert decoded(text.encode(encoding)) == text
    assert decoded(f"\ufeff{text}".encode(encoding)) == text


def test_byte_order_mark_is_no_part_of_the_text() -> None:
    assert decoded("\ufeffGrüße".encode()) == "Grüße"


def test_half_a_character_at_the_end_costs_only_itself() -> None:
    assert decoded("Wörter und mehr Wörter ü".encode()[:-1]) == "Wörter und mehr Wörter \ufffd"
    assert decoded("Urlaub\n".encode("utf-16-le")[:-1]) == "Urlaub"


@pytest.mark.parametrize("bad", [b"\xfc", b"\xff", b"\x80", b"\xc3"])
def test_one_bad_byte_leaves_utf_8_as_it_is(bad: bytes) -> None:
    content = "Größe der Öltanks ".encode() + bad + " für Süd 40 m³".encode()
    assert decoded(content) == "Größe der Öltanks \ufffd für Süd 40 m³"


def test_declared_encoding_is_believed_where_the_bytes_fit() -> None:
    content = "Ответ: да".encode("koi8-r")
    assert decoded(content, "KOI8-R") == "Ответ: да"
    assert decoded("5 €".encode("iso8859-15"), "iso-8859-15") == "5 €"
    assert decoded("“quoted” 5 €".encode("cp1252"), "ISO-8859-1") == "“quoted” 5 €"
    assert decoded("早班".encode("gbk"), '"gb2312"') == "早班"
    assert decoded("休暇①".encode("cp932"), "Shift_JIS") == "休暇①"


@pytest.mark.parametrize("charset", ["windows-1251", "latin1", "ascii", "no-such-name", "hex"])
def test_declared_encoding_is_not_believed_about_utf_8(charset: str) -> None:
    assert decoded(RUSSIAN.encode(), charset) == RUSSIAN


@pytest.mark.parametrize("charset", ["utf-8", "ascii", "iso-8859-1", "", "\0", "no-such-name"])
def test_what_is_not_utf_8_is_found_out_whatever_is_declared(charset: str) -> None:
    assert decoded(RUSSIAN.encode("cp1251"), charset) == RUSSIAN


@pytest.mark.parametrize(
    "content",
    [
        bytes(range(256)) * 20,
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
        b"\xff\xfe" + b"\x01\0\x02\0" * 9,
        b"\x01\x02\x03\x04" * 9,
    ],
)
def test_what_is_no_text_is_refused(content: bytes) -> None:
    with pytest.raises(UnreadableSource, match="not text"):
        decoded(content)


@settings(deadline=None)  # the first one imports a lot
@given(st.binary(max_size=300), st.sampled_from(["", "utf-8", "shift_jis", "utf-7", "idna"]))
def test_any_bytes_become_text_or_are_refused(content: bytes, charset: str) -> None:
    try:
        text = decoded(content, charset)
    except UnreadableSource:
        return
    assert "\0" not in text
    text.encode()


@given(st.text(), st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]))
def test_text_in_unicode_stays_what_it_is(text: str, encoding: str) -> None:
    controls = [c for c in text if unicodedata.category(c) == "Cc"]
    if not controls and not text.startswith("\ufeff"):
        assert decoded(text.encode(encoding)) == text


@pytest.mark.slow
@pytest.mark.parametrize("content", [b"\xc3\xfc", b"a\xe9b\n", b"\x1b$B", b"\xcf\xee\xf0", b"\0a"])
def test_decoding_takes_twice_as_long_for_twice_as_much(content: bytes) -> None:
    def read(text: str) -> None:
        with suppress(UnreadableSource):
            decoded(text.encode("latin-1"))

    assert is_linear(read, lambda n: content.decode("latin-1") * (n // len(content)))


def test_a_nul_that_a_program_left_does_not_make_text_wide() -> None:
    assert decoded(b"The frame warranty lasts five years.\0\n") == (
        "The frame warranty lasts five years.\n"
    )
    assert decoded("Größe der Öltanks\0 für Süd 40 m³".encode()) == (
        "Größe der Öltanks für Süd 40 m³"
    )


def test_lines_that_were_added_in_an_old_encoding_are_read_in_that() -> None:
    new, old = "Die Größe der Öltanks für Süd\n", "Später auch für Nord\n"
    assert decoded(new.encode() + old.encode("cp1252") + new.encode()) == new + old + new
    assert decoded(RUSSIAN.encode() + b"caf\xe9\n") == f"{RUSSIAN}café\n"
