"""The words that say whose a phone number is, in headers, labels and cells.

To add a language, add its block. `*` stands for any letters, since some languages put words
together. Accents, capitals and the width of letters do not matter.
"""

import re
from collections.abc import Sequence
from enum import IntEnum
from functools import cache, lru_cache

from leadbook.storage.text import fold_for_search
from leadbook.transfer.words.synonyms import normalized


class Reach(IntEnum):
    """How well a number reaches a person, best first. A number without such words is PERSON."""

    PERSON = 0
    WORK = 1
    COMPANY = 2
    NO_VOICE = 3


# If several match, the first counts: a "Company Mobile" is a mobile, a "Mobile Fax" is a fax.
_REACHES = {
    "fax": Reach.NO_VOICE,
    "assistant": Reach.COMPANY,
    "own": Reach.PERSON,
    "company": Reach.COMPANY,
    "work": Reach.WORK,
}

WORDS: dict[str, dict[str, str]] = {
    "English": {
        "fax": "fax*, telefax*, facsimile, pager*, beeper, telex, tty, tdd",
        "assistant": "assistant*, asst, secretary",
        "own": "mobile*, cell, cells, cellphone, cellular, direct, ddi, did, personal, private, home",
        "company": "company*, corporate, main, switchboard, reception, head office, headquarter*, hq, operator, account, organization, toll free",
        "work": "work*, business, office*",
    },
    "German": {
        "fax": "telefax*, dienstfax, privatfax, firmenfax, fernkopie*, funkruf*, pieper",
        "assistant": "assistenz, assistent*, sekretar*",
        "own": "*handy*, mobil*, natel, durchwahl*, direktwahl*, direkt*, privat*, personlich*",
        "company": "firma, firmen*, unternehmen*, *zentrale*, haupt*, empfang",
        "work": "geschaft*, dienst*, arbeit*, buro*, beruf*",
    },
    "French": {
        "fax": "telecopi*, bipeur, messageur",
        "assistant": "secretariat, secretaire",
        "own": "portable*, mobile*, gsm, direct, directe, personnel*, perso, prive*, domicile, maison",
        "company": "societe, entreprise, standard, siege, accueil, principal*",
        "work": "travail, bureau, professionnel*, pro",
    },
    "Spanish": {
        "fax": "busca, buscapersonas, localizador, mensafono, bip",
        "assistant": "asistente, secretari*",
        "own": "movil*, celular*, directo, directa, personal, particular, privado, casa, domicilio",
        "company": "empresa*, compania, centralita, conmutador, recepcion, sede, principal",
        "work": "trabajo, oficina, laboral, profesional",
    },
    "Italian": {
        "fax": "cercapersone, teledrin",
        "assistant": "assistente, segretari*",
        "own": "cellulare, cell, telefonino, diretto, diretta, personale, privato, casa, abitazione",
        "company": "azienda*, societa, ditta, centralino, principale, sede",
        "work": "lavoro, ufficio",
    },
    "Portuguese": {
        "fax": "bip, pager",
        "assistant": "assistente, secretari*",
        "own": "telemovel, telemoveis, celular*, direto, direta, pessoal, particular, residencia*, casa",
        "company": "empresa*, companhia, central, recepcao, principal, sede",
        "work": "trabalho, escritorio, comercial, profissional",
    },
    "Dutch": {
        "fax": "semafoon, pieper",
        "assistant": "assistent*, secretari*",
        "own": "mobiel*, gsm, rechtstreeks*, doorkiesnummer, prive*, thuis*, persoonlijk*",
        "company": "bedrijf*, hoofd*, centrale*, receptie",
        "work": "werk*, zakelijk*, kantoor*",
    },
    "Polish": {
        "fax": "faks*, telefaks*",
        "assistant": "asystent*, sekretariat",
        "own": "komork*, kom, bezposredni*, prywatn*, osobist*, domow*, dom",
        "company": "firm*, spolk*, central*, glown*, recepcj*",
        "work": "sluzbow*, prac*, biur*",
    },
    "Japanese": {
        "fax": "*ファックス*, *ファクス*, *ファクシミリ*, *ポケベル*, *ポケットベル*",
        "assistant": "*秘書*",
        "own": "*携帯*, *モバイル*, *スマホ*, *直通*, *ダイヤルイン*, *個人*, *自宅*, *プライベート*",
        "company": "*会社*, *企業*, *代表*, *本社*, *受付*",
        "work": "*勤務先*, *職場*, *仕事*, *オフィス*",
    },
}

_LONGEST = 200


def _pattern(kind: str) -> re.Pattern[str]:
    words = (word for language in WORDS.values() for word in language[kind].split(", "))
    # Each as `reach_of` sees the words of a header.
    folded = {re.escape(fold_for_search(word)).replace(r"\*", r"\w*") for word in words}
    return re.compile(rf"\b(?:{'|'.join(sorted(folded))})\b")


@cache
def _patterns() -> tuple[tuple[Reach, re.Pattern[str]], ...]:
    return tuple((reach, _pattern(kind)) for kind, reach in _REACHES.items())


def reach_of(*texts: str) -> Reach:
    """Return whom a number with these texts around it reaches, by their first 200 characters."""
    return _reach(*(text[:_LONGEST] for text in texts))


# A file has few headers and labels, but may have a word in each cell.
@lru_cache(maxsize=1_000)
def _reach(*texts: str) -> Reach:
    words = " ".join(fold_for_search(normalized(text)) for text in texts)
    return next((reach for reach, pattern in _patterns() if pattern.search(words)), Reach.PERSON)


def label_columns(header: Sequence[str], phones: Sequence[int]) -> dict[int, int]:
    """Return the column with the label of each phone: "Phone 1 - Label" for "Phone 1 - Value"."""
    known = {normalized(name): place for place, name in enumerate(header)} if phones else {}
    labels = {}
    for place in phones:
        owner = normalized(header[place]).removesuffix(" value")
        for ending in (" label", " type"):
            if owner + ending in known:
                labels[place] = known[owner + ending]
    return labels
