"""Months and weekdays in other languages, and how a cell is folded before they are looked up.

The words are those of the Unicode CLDR, wide and abbreviated, as in a date and alone
(https://github.com/unicode-org/cldr-json, `ca-gregorian`), with abbreviations of spreadsheets. To
add a language, add a line to both tables: each has a word for every month, from January, or for
every day, from Sunday; `/` separates the spellings. Write accents: a cell matches with or without.
"""

import re
from collections.abc import Mapping
from functools import cache
from unicodedata import combining, normalize

# fmt: off
_MONTHS = {
    "en": "january/jan february/feb march/mar april/apr may june/jun july/jul august/aug "
          "september/sep/sept october/oct november/nov december/dec",
    "de": "januar/jan/jänner/jän/jaenner februar/feb/feber märz/mär/mrz/maerz april/apr mai "
          "juni/jun juli/jul august/aug september/sep/sept oktober/okt november/nov dezember/dez",
    "fr": "janvier/janv/jan février/févr/fév mars/mar avril/avr mai juin/jun "
          "juillet/juil/juill/jul août/aou septembre/sept/sep octobre/oct novembre/nov "
          "décembre/déc",
    "es": "enero/ene febrero/feb marzo/mar abril/abr mayo/may junio/jun julio/jul agosto/ago "
          "septiembre/setiembre/sept/sep/set octubre/oct noviembre/nov diciembre/dic",
    "it": "gennaio/gen/genn febbraio/feb/febbr marzo/mar aprile/apr maggio/mag giugno/giu "
          "luglio/lug agosto/ago settembre/set/sett ottobre/ott novembre/nov dicembre/dic",
    "pt": "janeiro/jan fevereiro/fev março/mar abril/abr maio/mai junho/jun julho/jul agosto/ago "
          "setembro/set outubro/out novembro/nov dezembro/dez",
    "nl": "januari/jan februari/feb/febr maart/mrt april/apr mei juni/jun juli/jul augustus/aug "
          "september/sep/sept oktober/okt november/nov december/dec",
    "pl": "stycznia/styczeń/sty lutego/luty/lut marca/marzec/mar kwietnia/kwiecień/kwi maja/maj "
          "czerwca/czerwiec/cze lipca/lipiec/lip sierpnia/sierpień/sie września/wrzesień/wrz "
          "października/październik/paź listopada/listopad/lis grudnia/grudzień/gru",
}
_WEEKDAYS = {
    "en": "sunday/sun monday/mon tuesday/tue/tues wednesday/wed thursday/thu/thur/thurs "
          "friday/fri saturday/sat",
    "de": "sonntag/so montag/mo dienstag/di mittwoch/mi donnerstag/do freitag/fr "
          "samstag/sonnabend/sa",
    "fr": "dimanche/dim lundi/lun mardi/mar mercredi/mer jeudi/jeu vendredi/ven samedi/sam",
    "es": "domingo/dom lunes/lun martes/mar miércoles/mié jueves/jue viernes/vie sábado/sáb",
    "it": "domenica/dom lunedì/lun martedì/mar mercoledì/mer giovedì/gio venerdì/ven sabato/sab",
    "pt": "domingo/dom segunda-feira/segunda/seg terça-feira/terça/ter quarta-feira/quarta/qua "
          "quinta-feira/quinta/qui sexta-feira/sexta/sex sábado/sáb",
    "nl": "zondag/zo maandag/ma dinsdag/di woensdag/wo donderdag/do vrijdag/vr zaterdag/za",
    "pl": "niedziela/niedz/nie poniedziałek/pon/pn wtorek/wt/wto środa/śr/śro czwartek/czw "
          "piątek/pt/pią sobota/sob/so",
}
# fmt: on
# What may stand before a day: "le 15 avril", "am 15. April", "on April 15", "dnia 15 kwietnia".
_ARTICLES = "am den der dnia el em il le on op the"

# Dashes of word processors, marks of direction that some browsers write into dates, and ł, which
# has no accent to take off.
_CHARACTERS: dict[int, str | None] = {
    **dict.fromkeys(map(ord, "\u2010\u2012\u2013\u2212"), "-"),
    **dict.fromkeys(map(ord, "\u200b\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\ufeff")),
    **dict.fromkeys(map(ord, "\u2066\u2067\u2068\u2069")),
    ord("\u2019"): "'",
    ord("ł"): "l",
}
_CJK_DATE = re.compile(
    r"(\d{4}) ?年 ?(\d{1,2}) ?月 ?(\d{1,2}) ?日(?: ?\(?[日月火水木金土](?:曜日?)?\)?(?!\d))?"
)
_CJK_CLOCK = re.compile(r"(?<!\d)(\d{1,2}) ?時(?: ?(\d{1,2}) ?分)?(?: ?(\d{1,2}) ?秒)?")
_CJK_HALF = re.compile(r"(午前|午後|上午|下午) ?(\d{1,2}:\d{2}(?::\d{2})?)")


def folded(text: str) -> str:
    """Return a cell in lower case, without accents, in ASCII digits and with single spaces.

    Japanese dates and times become numbers: `2024年2月23日 10時11分` is `2024-2-23 10:11:00`.
    """
    if not text.isascii():
        # Full-width digits, and the narrow space before PM.
        letters = normalize("NFKD", text.casefold()).translate(_CHARACTERS)
        text = "".join(each for each in letters if not combining(each))
        text = _CJK_DATE.sub(r"\1-\2-\3 ", text)
        text = _CJK_HALF.sub(_with_half, _CJK_CLOCK.sub(_with_colons, text))
    return " ".join(text.lower().split()).removeprefix("'")


def _with_colons(found: re.Match[str]) -> str:
    return f"{found[1]}:{found[2] or 0:0>2}:{found[3] or 0:0>2}"


def _with_half(found: re.Match[str]) -> str:
    return f" {found[2]} {'am' if found[1] in ('午前', '上午') else 'pm'}"


@cache
def months() -> Mapping[str, int]:
    """Return the number of each month by its folded names."""
    return {
        name: number
        for words in _MONTHS.values()
        for number, names in enumerate(words.split(), 1)
        for name in folded(names).split("/")
    }


@cache
def before_days() -> frozenset[str]:
    """Return the folded words that say nothing new beside a day: weekdays and articles."""
    words = " ".join(_WEEKDAYS.values()).replace("/", " ")
    return frozenset(folded(f"{words} {_ARTICLES}").split())
