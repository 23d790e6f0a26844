"""What numbers count and how they are written in words: tables for English and its neighbours."""

from fractions import Fraction


def _table(lines: str) -> dict[str, str]:
    """`unit: name name …` lines as name → unit."""
    found = {}
    for line in lines.strip().splitlines():
        unit, _, names = line.strip().partition(": ")
        found.update(dict.fromkeys(names.split(), unit))
    return found


# A name of one or two letters is looked up as it is written, the others in lower case.
UNITS = _table("""
    ms: ms millisecond milliseconds millisekunden milisegundos millisecondes
    second: s sec secs second seconds sekunde sekunden segundo segundos seconde secondes
    minute: min mins minute minutes minuten minuto minutos
    hour: h hr hrs hour hours stunde stunden hora horas heure heures
    day: day days tag tage tagen werktag werktage werktagen día días dia dias jour jours
    week: week weeks woche wochen semana semanas semaine semaines
    month: month months monat monate monaten mes meses mês mois
    year: year years yr yrs jahr jahre jahren año años ano anos an ans année années
    B: byte bytes
    KB: KB kb kB kilobyte kilobytes KiB kib
    MB: MB mb megabyte megabytes MiB mib
    GB: GB gb gigabyte gigabytes GiB gib
    TB: TB tb terabyte terabytes TiB tib
    kbps: kbps kbit/s
    Mbps: mbps mbit/s
    Gbps: gbps gbit/s
    Hz: Hz hz hertz
    kHz: kHz khz
    MHz: MHz mhz
    GHz: GHz ghz
    V: V volt volts
    mV: mV
    A: A amp amps ampere
    mA: mA
    W: W watt watts
    kW: kW
    kWh: kWh kwh
    mAh: mAh mah
    ohm: Ω ohm ohms kΩ
    mm: mm millimetre millimetres millimeter millimeters
    cm: cm centimetre centimetres centimeter centimeters zentimeter
    m: m metre metres meter meters metro metros mètre mètres
    km: km kilometre kilometres kilometer kilometers
    inch: inch inches zoll
    foot: ft foot feet
    mile: mile miles
    g: g gram grams gramm
    kg: kg kilo kilos kilogram kilograms
    oz: oz ounce ounces
    °C: °C celsius
    °F: °F fahrenheit
    °: ° degrees grad grados
    %: % percent prozent pct
    px: px pixel pixels
    dpi: dpi
    USD: USD usd dollar dollars US$
    EUR: € EUR eur euro euros
    GBP: £ GBP gbp pound pounds
    CHF: CHF chf franken
    JPY: ¥ JPY jpy yen
    BRL: BRL brl reais
    cent: cent cents ct
""")
CURRENCIES = {
    "us$": "USD", "usd": "USD", "$": "USD", "eur": "EUR", "€": "EUR", "gbp": "GBP", "£": "GBP",
    "chf": "CHF", "¥": "JPY", "jpy": "JPY", "r$": "BRL",
}  # fmt: skip
# Unit → what it measures, and how many of the smallest unit it is.
FACTORS = {
    "ms": ("time", Fraction(1)),
    "second": ("time", Fraction(1_000)),
    "minute": ("time", Fraction(60_000)),
    "hour": ("time", Fraction(3_600_000)),
    "day": ("time", Fraction(86_400_000)),
    "week": ("time", Fraction(7 * 86_400_000)),
    "month": ("months", Fraction(1)),
    "year": ("months", Fraction(12)),
    "B": ("data", Fraction(1)),
    "KB": ("data", Fraction(10**3)),
    "MB": ("data", Fraction(10**6)),
    "GB": ("data", Fraction(10**9)),
    "TB": ("data", Fraction(10**12)),
    "Hz": ("frequency", Fraction(1)),
    "kHz": ("frequency", Fraction(10**3)),
    "MHz": ("frequency", Fraction(10**6)),
    "GHz": ("frequency", Fraction(10**9)),
    "mV": ("voltage", Fraction(1)),
    "V": ("voltage", Fraction(1_000)),
    "mA": ("current", Fraction(1)),
    "A": ("current", Fraction(1_000)),
    "W": ("power", Fraction(1)),
    "kW": ("power", Fraction(1_000)),
    "mm": ("length", Fraction(1)),
    "cm": ("length", Fraction(10)),
    "m": ("length", Fraction(1_000)),
    "km": ("length", Fraction(1_000_000)),
    "g": ("mass", Fraction(1)),
    "kg": ("mass", Fraction(1_000)),
}
MULTIPLES = {
    "hundred": 100, "thousand": 1_000, "million": 10**6, "billion": 10**9, "k": 1_000,
    "tausend": 1_000, "millionen": 10**6, "mil": 1_000, "mille": 1_000, "millones": 10**6,
}  # fmt: skip
MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan januar enero janvier janeiro",
            "february feb februar febrero février fevereiro",
            "march mar märz marzo mars março",
            "april apr abril avril",
            "may mai mayo maio",
            "june jun juni junio juin junho",
            "july jul juli julio juillet julho",
            "august aug agosto août",
            "september sep sept septiembre septembre setembro",
            "october oct oktober okt octubre octobre outubro",
            "november nov noviembre novembre novembro",
            "december dec dezember dez diciembre décembre dezembro",
        ),
        start=1,
    )
    for name in names.split()
}
# Words that are numbers whatever follows, and those that only imply one.
_SURE = (
    "two zwei dos deux dois duas", "three drei tres trois três", "four vier cuatro quatre quatro",
    "five fünf cinco cinq", "six sechs seis", "seven sieben siete sete",
    "eight acht ocho huit oito", "nine neun nueve nove", "ten zehn diez dix",
    "eleven elf onze", "twelve zwölf doce douze doze",
)  # fmt: skip
_TEENS = "thirteen fourteen fifteen sixteen seventeen eighteen nineteen"
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
NUMBER_WORDS = {
    **{name: value for value, names in enumerate(_SURE, start=2) for name in names.split()},
    **{name: value for value, name in enumerate(_TEENS.split(), start=13)},
    **{name: value * 10 for value, name in enumerate(_TENS.split(), start=2)},
    "fünfzehn": 15, "zwanzig": 20, "dreißig": 30, "quince": 15, "quinze": 15,
    "veinte": 20, "vingt": 20, "treinta": 30, "trente": 30, "trinta": 30,
}  # fmt: skip
IMPLIED_WORDS = {
    **dict.fromkeys("one a an single once ein eine einen einem einer".split(), 1),
    **dict.fromkeys("un una uno une um uma".split(), 1),
    **dict.fromkeys("twice both double pair".split(), 2),
    "dozen": 12, "zero": 0,
    **{name: value for value, name in enumerate(
        "first second third fourth fifth sixth seventh eighth ninth tenth".split(), start=1)},
}  # fmt: skip
ONE = frozenset("one eine einen einer uno une".split())  # a number when a unit follows
