"""Numbers and names in Japanese, Chinese, Korean and Thai text, in which no blanks part words."""

import re
from unicodedata import normalize

from domain.words import apart, words

_CUT = frozenset("Japanese Chinese Hangul Bopomofo Thai Lao Khmer Myanmar".split())
_UNITS = {
    "years": "年間 年 년 ปี",
    "months": "か月間 ヶ月間 カ月間 か月 ヶ月 カ月 ヵ月 ケ月 箇月 个月 個月 개월 เดือน",
    "weeks": "週間 周 星期 주 สัปดาห์",
    "days": "日間 日 天 일 วัน",
    "hours": "時間 小时 小時 시간 ชั่วโมง",
    "minutes": "分間 分钟 分鐘 分 분 นาที",
    "seconds": "秒間 秒钟 秒 초 วินาที",
    "euros": "ユーロ 欧元 歐元 유로 ยูโร",
    "krw": "원",
    "dollars": "ドル 美元 달러 ดอลลาร์",
    "francs": "フラン 瑞士法郎 프랑",
    "yen": "円 日元 엔",
    "percent": "パーセント 퍼센트",
    "kg": "キログラム キロ 公斤 킬로그램",
    "km": "キロメートル 公里 킬로미터",
    "metres": "メートル 米 미터 เมตร",
    "litres": "リットル 升 리터 ลิตร",
}
_ENGLISH = {word: unit for unit, line in _UNITS.items() for word in line.split()}
_UNIT = "|".join(sorted(_ENGLISH, key=len, reverse=True))
_MONTHS = "January February March April May June July August September October November December"
_MONTH = re.compile(r"(?<!\d)(1[0-2]|[1-9]) ?[月월](?![間间])")
_DAY = re.compile(r"(?<=[a-z]) ?(\d{1,2}) ?[日号號일]")
_CLOCK = re.compile(
    r"(午前|午後|上午|下午|오전|오후)? ?(?<!\d)(\d{1,2}) ?(?:時(?!間)|点(?!钟头)|點|시(?!간))"
    r"(?: ?(?:(\d{1,2}) ?[分분]|(半|반)))?"
)
_AFTERNOON = frozenset("午後 下午 오후".split())
_MEASURED = re.compile(rf"(?<=\d) ?({_UNIT})")
_SMALL = {"百": 100, "千": 1_000, "천": 1_000}
_SCALE = {
    **_SMALL,
    **dict.fromkeys("万萬만", 10**4),
    **dict.fromkeys("億亿억", 10**8),
    **dict.fromkeys("兆조", 10**12),
}
_SCALES = "".join(_SCALE)
_AMOUNT = r"\d{1,3}(?:,\d{3})+|\d{1,9}(?:\.\d{1,4})?"
_SCALED = re.compile(
    rf"(?<![\d.,])(?:{_AMOUNT})[{_SCALES}]++(?: ?(?:{_AMOUNT})[{_SCALES}]++)*+(?:\d{{1,4}}(?!\d))?"
)
"""``3万5千``, ``1億2000万``, ``1.5万``"""

_PART = re.compile(rf"({_AMOUNT})([{_SCALES}]*)")
_NUMERALS = "〇一二三四五六七八九"
_NUMERAL = re.compile(rf"(?<!\d)([{_NUMERALS}十百两]{{1,7}})(?=(?:{_UNIT}|月|時|点|[{_SCALES}]))")
_SIGNS = str.maketrans("、。「」『』（）〜～・", ',.""""()–– ')
_BORDER = re.compile(
    r"(?<=[^\W\d_a-zA-Z])(?=[0-9a-zA-Z$€£¥])|(?<=[0-9a-zA-Z%$€£¥])(?=[^\W\d_a-zA-Z])"
)
DENIED_IN = {
    "Japanese": "ない|なく|ません|禁止|禁じ|不可|ずに",
    "Chinese": "不|没有|沒有|无法|无需|無法|未|勿|别",
    "Hangul": "않|없|못|금지",
    "Thai": "ไม่|ห้าม",
    "Lao": "ບໍ່|ຫ້າມ",
    "Khmer": "មិន|ហាម|គ្មាន",
}
"""What denies, by the language or the script."""

_NEGATED = re.compile("|".join(DENIED_IN.values()))
_FRENCH_TIME = re.compile(r"(?<!\d)(\d{1,2}) ?h ?(\d{2})(?!\d)")
_FRENCH_HOUR = re.compile(r"\b(de|à|dès|et) (\d{1,2}) ?h(?!\w)")


def is_cut(language: str) -> bool:
    """Whether its words are not parted by blanks, or have endings as Korean ones."""
    return language in _CUT


def spaced(text: str) -> str:
    """``text`` with blanks around its numbers and Latin words, and with English units.

    Text that has blanks between its words stays as it is, except for times as in ``9 h 30``.
    """
    if text.isascii() or apart(text) == text:
        return _FRENCH_HOUR.sub(r"\1 \2:00", _FRENCH_TIME.sub(r"\1:\2", text))
    plain = normalize("NFKC", text).translate(_SIGNS)
    plain = _NUMERAL.sub(lambda found: str(_number(found[1])), plain)
    plain = _SCALED.sub(lambda found: _amount(found[0]), plain)
    plain = _CLOCK.sub(_clock, plain)
    plain = _MONTH.sub(lambda found: f" {_MONTHS.split()[int(found[1]) - 1]} ", plain)
    plain = _DAY.sub(r" \1 ", plain)
    plain = _MEASURED.sub(lambda found: f" {_ENGLISH[found[1]]} ", plain)
    return _BORDER.sub(" ", plain)


def is_negated(text: str) -> bool:
    """Whether a word of these languages turns it into its opposite."""
    return not text.isascii() and len(_NEGATED.findall(text)) % 2 == 1


def shared(text: str, other: str) -> float:
    """The share of the words of ``text`` that ``other`` has, of pairs of letters in a row."""
    wanted = frozenset(words(text))
    return len(wanted & frozenset(words(other))) / len(wanted) if wanted else 0.0


def _clock(found: re.Match[str]) -> str:
    hour = int(found[2])
    if found[1] in _AFTERNOON and hour < 12:
        hour += 12
    return f" {hour}:{int(found[3] or (30 if found[4] else 0)):02} "


def _amount(written: str) -> str:
    """``3万5千`` is 35000: each part up to a large scale is counted in it."""
    total, part = 0.0, 0.0
    for found in _PART.finditer(written):
        number = float(found[1].replace(",", ""))
        for scale in found[2]:
            if scale in _SMALL:
                number *= _SCALE[scale]
            else:
                total, part, number = total + (part + number) * _SCALE[scale], 0.0, 0.0
        part += number
    return f"{total + part:.4f}".rstrip("0").rstrip(".")


def _number(numerals: str) -> int:
    """``二十五`` is 25."""
    total, part = 0, 0
    for sign in numerals.replace("两", "二"):
        if sign in "十百":
            total += (part or 1) * (10 if sign == "十" else 100)
            part = 0
        else:
            part = 10 * part + _NUMERALS.index(sign)
    return total + part
