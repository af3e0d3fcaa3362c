"""Which texts are one in a search and in an order, and which addresses are one."""

import sys
import unicodedata

import pytest

from leadbook.storage.text import address_key, fold_for_search, is_visible

# The planes with letters, and the one with tags and selectors.
CODES = (*range(0xD800), *range(0xE000, 0x20000), *range(0xE0000, 0xE0200))
CHARACTERS = [chr(code) for code in CODES]
ALIKE = [
    ("Hábito", "habito"),
    ("İstanbul", "istanbul"),
    ("ISTANBUL", "istanbul"),
    ("ışık", "IŞIK"),
    ("Straße", "STRASSE"),
    ("Łódź", "lodz"),
    ("Søren Ærø", "soren aero"),
    ("Đặng Thị Ánh", "dang thi anh"),
    ("\u212bngström", "angstrom"),
    ("ﬁn ﬀ", "fin ff"),
    ("Ｗｉｄｅ１２", "wide12"),
    ("ｶﾞｷﾞ", "ガギ"),
    ("Μαΐου", "ΜΑΙΟΥ"),
    ("Σίσυφος", "ΣΙΣΥΦΟΣ"),
    ("Ёлкин", "елкин"),
    ("مُحَمَّد", "محمد"),
    ("أحمد", "احمد"),
    ("שָׁלוֹם", "שלום"),
    ("می\u200cروم", "میروم"),
    ("Shy\u00adName", "shyname"),
    ("❤\ufe0f", "❤"),
    (unicodedata.normalize("NFD", "한국"), "한국"),
]
DIFFERENT = [
    ("が", "か"),
    ("パ", "ハ"),
    ("가", "각"),
    ("กิน", "กน"),
    ("हिन्दी", "हन्द"),
    ("น้ำ", "นำ"),
    ("´", ""),
    ("¨", ""),
]


@pytest.mark.parametrize(("one", "other"), ALIKE)
def test_accents_case_and_width_make_no_difference(one, other):
    assert fold_for_search(one) == fold_for_search(other)


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_marks_that_are_letters_stay(one, other):
    assert fold_for_search(one) != fold_for_search(other)


def test_every_character_is_folded_the_same_in_every_form_and_case():
    wrong = []
    for each in CHARACTERS:
        folded = fold_for_search(each)
        forms = [folded, each.upper(), each.lower(), unicodedata.normalize("NFD", each)]
        wrong += [each for form in forms if fold_for_search(form) != folded]
    assert wrong == []


def test_what_is_seen_never_vanishes_from_a_search():
    assert [each for each in CHARACTERS if is_visible(each) and not fold_for_search(each)] == []


def test_format_characters_and_marks_alone_are_not_seen():
    unseen = [
        "",
        " ",
        "\u3000",
        "\u0301",
        "\u0903",
        "\u20dd",
        "\u115f",
        "\u3164",
        "\uffa0",
        "\u2800",
    ]
    unseen += ["\ufe0f", "\U000e0100", "\u034f", " \u200b\u0301"]
    unseen += [each for each in CHARACTERS if unicodedata.category(each) == "Cf"]
    assert [each for each in unseen if is_visible(each)] == []
    for each in (
        "a",
        "0",
        "-",
        "漢",
        "😀",
        "👩\u200d👧",
        "می\u200cروم",
        "\U0001e900",
        "́e",
        "\ue000",
    ):
        assert is_visible(each)


SAME_ADDRESS = [
    ("a@bücher.example", "a@xn--bcher-kva.example"),
    ("A@BÜCHER.EXAMPLE", "a@XN--BCHER-KVA.example"),
    ("a@ｂｏｏｋ.example", "a@book.example"),
    ("a@book。example", "a@book.example"),
    ("a@💩.example", "a@xn--ls8h.example"),
    ("É@b.example", "e\u0301@b.example"),
    ("straße@b.example", "STRASSE@b.example"),
    ("a@faß.example", "a@xn--fa-hia.example"),
    # UTS 46 allows neither; they only lose their case.
    ("Ä@É\u2026.example", "ä@é\u2026.example"),
    ("a@" + "É" * 300 + ".example", "a@" + "é" * 300 + ".example"),
    ("a@xn--é.example", "A@XN--É.example"),
    ("a@xn--999999999.example", "a@XN--999999999.EXAMPLE"),
]


@pytest.mark.parametrize(("one", "other"), SAME_ADDRESS)
def test_spellings_of_one_address_have_one_key(one, other):
    assert address_key(one) == address_key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a@strasse.example", "a@straße.example"),
        ("a@bucher.example", "a@bücher.example"),
        ("ａ@b.example", "a@b.example"),
        ("hábito@b.example", "habito@b.example"),
        ("a.b@c.example", "ab@c.example"),
        ("a+x@c.example", "a@c.example"),
    ],
)
def test_different_addresses_have_different_keys(one, other):
    assert address_key(one) != address_key(other)


@pytest.mark.parametrize("step", [13, pytest.param(1, marks=pytest.mark.long)])
def test_key_of_every_character_is_its_own_key(step):
    wrong = []
    for each in CHARACTERS[::step]:
        for address in (f"{each}@x.example", f"x@{each}a.example"):
            key = address_key(address)
            wrong += [address] if address_key(key) != key else []
    assert wrong == []


@pytest.mark.parametrize("address", ["", "@", "é", "@é", "é@", "a@é@é.x", "a@.é.", "\x00@\x00é"])
def test_any_text_has_a_key(address):
    assert isinstance(address_key(address), str)


def test_address_in_ascii_needs_no_library(monkeypatch):
    monkeypatch.setitem(sys.modules, "idna", None)
    assert address_key("ADA@Engines.Example") == "ada@engines.example"
    assert address_key("É@Engines.Example") == "é@engines.example"
