"""The units that belong to a number, so that 2 weeks are 14 days, and 5 € are not 5 $."""

from domain.support.number_words import FRENCH, GERMAN, SPANISH

MONEY = "$€£¥₹₩₽"
"""The signs of currencies, as in a character class."""

_HOUR, _DAY = 3600, 86_400

_UNITS: dict[str, dict[float, str]] = {
    "duration": {
        1: "s sec second seconds sekunde sekunden seconde secondes segundo segundos",
        60: "min mins minute minutes minuten minuto minutos",
        _HOUR: "h hr hrs hour hours stunde stunden std heure heures hora horas",
        _DAY: "d day days tag tage tagen jour jours día días dia dias",
        7 * _DAY: "week weeks woche wochen semaine semaines semana semanas",
        14 * _DAY: "fortnight fortnights",
    },
    "months": {
        1: "month months monat monate monaten mois mes meses",
        3: "quarter quarters quartal quartale trimester",
        12: "year years yr yrs jahr jahre jahren an ans année années año años",
        120: "decade decades",
    },
    "times": {1: "times fois veces mal"},
    "percent": {1: "% percent pct prozent", 0.1: "‰ permille promille"},
    "length": {
        0.000001: "µm um micron microns",
        0.001: "mm millimetre millimetres millimeter millimeters",
        0.01: "cm centimetre centimetres centimeter centimeters",
        1: "m metre metres meter meters mètre mètres metro metros",
        1000: "km kilometre kilometres kilometer kilometers",
        0.0254: "inch inches",
        0.3048: "ft foot feet",
        0.9144: "yard yards",
        1609.344: "mi mile miles meile meilen",
    },
    "mass": {
        0.000001: "µg ug",
        0.001: "mg milligram milligrams",
        1: "g gram grams gramm gramme grammes gramos",
        1000: "kg kgs kilo kilos kilogram kilograms kilogramm kilogrammes kilogramos",
        1_000_000: "t tonne tonnes ton tons tonnen toneladas",
        28.349523125: "oz ounce ounces",
        453.59237: "lb lbs",
    },
    "volume": {
        0.001: "µl ul",
        1: "ml millilitre millilitres milliliter milliliters",
        10: "cl",
        1000: "l litre litres liter liters litern litro litros",
        3785.411784: "gallon gallons gal",
        1_000_000: "m³ m3",
    },
    "area": {1: "m² m2 sqm"},
    "temperature in °C": {1: "°c celsius"},
    "temperature in °F": {1: "°f fahrenheit"},
    "kelvin": {1: "kelvin"},
    "degrees": {1: "° degree degrees grad"},
    "euros": {1: "€ eur euro euros", 0.01: "cent cents"},
    "dollars": {1: "$ usd dollar dollars"},
    "pounds": {1: "£ gbp pound pounds pence"},
    "francs": {1: "chf francs franken"},
    "yen": {1: "¥ jpy yen"},
    "rupees": {1: "₹ inr rupee rupees"},
    "won": {1: "₩ krw"},
    "roubles": {1: "₽ rouble roubles ruble rubles"},
    "pressure": {1: "bar", 0.001: "mbar", 0.01: "kpa", 10: "mpa", 0.0689476: "psi"},
    "torque": {1: "nm n·m newtonmetre newtonmetres"},
    "force": {1: "n newton newtons", 1000: "kn"},
    "power": {0.001: "mw", 1: "w watt watts", 1000: "kw", 735.5: "hp ps"},
    "energy": {1: "wh", 1000: "kwh", 1_000_000: "mwh"},
    "voltage": {0.001: "mv", 1: "v volt volts", 1000: "kv"},
    "current": {0.001: "ma", 1: "amp amps ampere amperes"},
    "charge": {0.001: "mah", 1: "ah"},
    "frequency": {1: "hz hertz", 1000: "khz", 1_000_000: "mhz", 1_000_000_000: "ghz"},
    "turns": {1: "rpm"},
    "speed": {1: "km/h kmh kph", 1.609344: "mph", 3.6: "m/s"},
    "data": {1: "kb kib", 1000: "mb mib", 1_000_000: "gb gib", 1_000_000_000: "tb tib"},
    "data rate": {1: "kbps kbit/s", 1000: "mbps mbit/s", 1_000_000: "gbps gbit/s"},
    "loudness": {1: "db decibel decibels"},
    "share of a million": {1: "ppm"},
    "concentration": {1: "mol/l", 0.001: "mmol/l"},
}

UNITS = {
    word: (dimension, factor)
    for dimension, factors in _UNITS.items()
    for factor, words in factors.items()
    for word in words.split()
}
"""From a unit to what it measures, and how many of that dimension's smallest unit it is."""

CURRENCIES = frozenset("euros dollars pounds francs yen rupees won roubles".split())
"""The dimensions of money, whose unit may stand before the number."""

LONG = frozenset(word for word in UNITS if len(word) > 3) | {"day"}
"""Units that are recognised although another word stands between: 5 working days."""

_ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen"
)
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
NUMBERS = {
    **{word: float(n) for n, word in enumerate(_ONES.split())},
    **{word: 10.0 * n for n, word in enumerate(_TENS.split(), 2)},
    **GERMAN,
    **FRENCH,
    **SPANISH,
    "dozen": 12.0,
    "twice": 2.0,
    "thrice": 3.0,
}
TENS = frozenset(
    f"{_TENS} vingt trente quarante cinquante soixante treinta cuarenta cincuenta sesenta setenta "
    "ochenta noventa".split()
)
SCALES = {
    word: factor
    for factor, words in {
        1e2: "hundred hundert",
        1e3: "thousand k tausend mille mil",
        1e5: "lakh lakhs",
        1e6: "million millions millionen mio millón millones",
        1e7: "crore crores",
        1e9: "billion bn milliarde milliarden mrd milliard milliards",
        1e12: "trillion billionen",
    }.items()
    for word in words.split()
}
SCALES_OF_MONEY = {"m": 1e6, "mn": 1e6, "b": 1e9, "tn": 1e12}
"""Letters behind a number that are one only next to a currency: ``€3m``; ``3m`` are metres."""

_FRENCH_UNITS = frozenset(
    "jour jours heures semaines mois ans années minutes secondes fois euros".split()
)
_SPANISH_UNITS = frozenset(
    "días dias horas semanas meses años minutos segundos veces euros".split()
)
UNSURE_NUMBERS = {
    "sept": (7.0, _FRENCH_UNITS),
    "seize": (16.0, _FRENCH_UNITS),
    "cent": (100.0, _FRENCH_UNITS),
    "cents": (100.0, _FRENCH_UNITS),
    "once": (11.0, _SPANISH_UNITS),
    "quince": (15.0, _SPANISH_UNITS),
}
"""Words that are numbers only before a unit of their language; English has them too."""

ORDINALS = {
    word: n
    for n, word in enumerate(
        (
            "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth "
            "thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth"
        ).split(),
        1,
    )
}
ORDINALS |= {"thirtieth": 30, "fortieth": 40, "fiftieth": 50, "sixtieth": 60, "hundredth": 100}
