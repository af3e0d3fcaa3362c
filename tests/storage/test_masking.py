"""Which parts of a text are the name or the address of an erased person."""

import pytest

from leadbook.storage.masking import Mask

MASK = Mask.of(
    ["Ada Byron", "Al", "Łukasz Öz", "ガリレオ", "가민수"],
    ["ada@bücher.example", "Ada@engines.test", "eve+x@engines.test"],
)


def masked(text, longest=200):
    return MASK.applied(text, longest)


@pytest.mark.parametrize(
    ("text", "then"),
    [
        ("ADA BYRON called.", "[erased] called."),
        ("Ada  Byron, Ada\nByron", "[erased], [erased]"),
        ("Ádá Byrön's engine", "[erased]'s engine"),
        ("Ada Byrons Maschine", "[erased]s Maschine"),
        ("Ａｄａ Ｂｙｒｏｎ", "[erased]"),
        ("Ada\u200b By\xadron", "[erased]"),
        ("请Ada Byron打电话", "请[erased]打电话"),
        ("lukasz oz", "[erased]"),
        ("ガリレオ", "[erased]"),
        ("ｶﾞﾘﾚｵ called", "[erased] called"),
        ("ｶ\u200bﾞﾘﾚｵ", "[erased]"),
        ("カ\u3099リレオ", "[erased]"),
        ("カリレオ", "カリレオ"),
        ("ﾡￂ민수", "[erased]"),
        ("Łukasz Öz", "[erased]"),
        ("Al, al. (AL)", "[erased], [erased]. ([erased])"),
        ("Also Alice and Val", "Also Alice and Val"),
        ("Byron Ada, Ada, Adabyron", "Byron Ada, Ada, Adabyron"),
        ("Nada Byron", "Nada Byron"),
    ],
)
def test_name_is_found_in_any_case_and_spelling(text, then):
    assert masked(text) == then


@pytest.mark.parametrize(
    ("text", "then"),
    [
        ("<ADA@engines.TEST>", "<[erased]>"),
        ("mailto:ada@engines.test?subject=a", "mailto:[erased]?subject=a"),
        ("Write to ada@engines.test.", "Write to [erased]."),
        ("ada@bücher.example", "[erased]"),
        ("ada@XN--BCHER-KVA.example", "[erased]"),
        ("ADA@BU\u0308CHER。example", "[erased]"),
        ("ａｄａ＠ｅｎｇｉｎｅｓ．ｔｅｓｔ", "[erased]"),
        ("ada@engines.test,ada@engines.test", "[erased],[erased]"),
        ("_ada@engines.test_", "_[erased]_"),
        ("-ada@engines.test", "-[erased]"),
        ("...ada@engines.test", "...[erased]"),
        ("+ada@engines.test", "+[erased]"),
        ("ada@engines.test-", "[erased]-"),
        ("ada@engines.test--", "[erased]--"),
        ("mailto:ada%40engines.test", "mailto:[erased]"),
        ("mailto:ada@b%C3%BCcher.example", "mailto:[erased]"),
        ("mailto:eve%2Bx%40engines.test, eve+x%40engines.test", "mailto:[erased], [erased]"),
        ("john.ada@engines.test", "john.ada@engines.test"),
        ("j-ada@engines.test", "j-ada@engines.test"),
        ("1ada@engines.test", "1ada@engines.test"),
        ("ada@engines.testing", "ada@engines.testing"),
        ("ada@engines.test-site.org", "ada@engines.test-site.org"),
        ("ada@other.test", "ada@other.test"),
    ],
)
def test_address_is_found_in_any_spelling_that_is_the_same(text, then):
    assert masked(text) == then


def test_text_with_marks_is_cut_to_its_limit():
    assert masked("Al " * 60, 20) == "[erased] [erased] [e"
    assert masked("a" * 20, 10) == "a" * 20


def test_overlapping_words_become_one_mark():
    mask = Mask.of(["Ada Byron", "Byron King"], ["ada@engines.test"])
    assert mask.applied("Ada Byron King", 100) == "[erased]"


def test_long_text_of_near_hits_takes_little_time():
    mask = Mask.of(["a", "aa aa aa aa aa"], ["a@a.aa"])
    assert mask.applied("aa " * 7000, 30_000) == "[erased]"
    assert mask.applied("a" * 20_000, 30_000) == "a" * 20_000
    assert mask.applied("@" * 20_000, 30_000) == "@" * 20_000
    marks = "\u0e38\u0e48" * 10_000
    assert mask.applied(marks, 30_000) == marks


def test_rest_of_a_mask_has_what_the_other_does_not_have():
    assert not Mask.of(["Ada"], ["a@a.test"]) - Mask.of(["ADA"], ["A@a.test"])
    rest = Mask.of(["Ada", "Eve"], ["a@a.test"]) - Mask.of(["ada"], [])
    assert rest.applied("Ada, Eve, a@a.test", 100) == "Ada, [erased], [erased]"
