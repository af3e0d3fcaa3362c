"""Finding rows by an entry: SQLite's patterns and Python agree with a plain comparison."""

import sys
from contextlib import closing
from unicodedata import normalize

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from leadbook.storage.custom_values import cleaned, merged, of_cell
from leadbook.storage.json_text import as_text
from leadbook.storage.sqlite import entries as module
from leadbook.storage.sqlite.driver import sqlite3
from leadbook.storage.sqlite.entries import holding
from leadbook.storage.text import fold

LETTERS = 'aAbBsSſßẞfiﬁﬃtﬅKkéÉE\u0301ıİiσςΣ\u0301\u0345αιᾳ"\\%_*?[]^-,:{}1.e+漢😀\n'
NAMES = st.text('aAé"\\%_*?[].$:,{}1', min_size=1, max_size=3)
TEXTS = st.text(LETTERS, max_size=6)
NUMBERS = st.sampled_from([0, 1, 12, -1, 0.5, 1e-7, 12.5, 123])
WORDS = st.sampled_from(["true", "TRUE", "1", "12", "12.0", "1e1", "false", "0.5", "-0", "1E-7"])


@pytest.fixture(scope="module")
def holds():
    """Return whether SQLite finds an entry in a text; it has to be found or missed there alone."""
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.create_function("holds", 2, module._holds, deterministic=True)

        def holds(text, name, value):
            sql, values = holding("custom", name, value)
            row = connection.execute(f"SELECT {sql} FROM (SELECT ? AS custom)", (*values, text))
            return bool(row.fetchone()[0])

        yield holds


def is_held(entries, name, value):
    kept = entries.get(name)
    if isinstance(kept, str):
        return fold(kept) == fold(value)
    meant = of_cell(fold(value))
    return kept is not None and type(kept) is type(meant) and kept == meant


@settings(max_examples=200, deadline=None)
@given(
    given=st.dictionaries(NAMES, TEXTS | WORDS | NUMBERS | st.booleans(), max_size=4),
    name=NAMES,
    value=TEXTS | WORDS,
)
@example({'a"b': "x", "b": "y"}, "b", "y")
@example({'a,"b': "x"}, "b", "x")
@example({"a": '","b":"x'}, "b", "x")
@example({"a": 1, "b": 12}, "a", "1")
@example({"b": True}, "b", "tRUE")
@example({"b": "ß\u0301"}, "b", "SŚ")
@example({"b": f"{'x' * 39}ﬁ"}, "b", f"{'X' * 39}FI")
def test_patterns_find_what_a_comparison_finds(holds, given, name, value):
    kept = merged({}, cleaned_or_none(given))
    text = as_text(kept)
    for asked in {name, *kept}:
        values = {value, *(each for each in kept.values() if isinstance(each, str))}
        for each in {*values, *(each.swapcase() for each in values), *map(fold, values)}:
            assert holds(text, asked, each) == is_held(kept, asked, each), (text, asked, each)


def cleaned_or_none(given):
    found = {}
    for name, value in given.items():
        try:
            found |= cleaned({name: value})
        except ValueError:
            continue
    return found


def test_every_letter_is_found_in_any_case(holds):
    cased = (each for each in map(chr, range(sys.maxunicode + 1)) if each.casefold() != each)
    texts = [normalize("NFC", f"a{letter}b") for letter in cased]
    missed = [
        (kept, value)
        for kept in texts
        for value in (fold(kept), kept.upper(), kept)
        if fold(value) == fold(kept) and not holds(as_text({"n": kept}), "n", value)
    ]
    assert missed == []


def test_most_rows_need_no_python(holds, monkeypatch):
    # Python is asked only about what SQLite cannot decide, or a million rows would take seconds.
    asked = []
    monkeypatch.setattr(module, "_test", lambda _: lambda text: bool(asked.append(text)))
    texts = ["North", "NORTH", "Köln", "Österreich", "Straßenbau", 12, True, "true", 'a"b']
    for value in texts:
        text = as_text({"A": "x", "Region": value, "Z": 1})
        for name, other in (("Region", str(value)), ("Region", "Nowhere"), ("Zone", "x")):
            holds(text, name, other.lower())
    assert asked == [as_text({"A": "x", "Region": "Straßenbau", "Z": 1})]


@pytest.mark.parametrize(
    "damaged", ["", "{", "[]", "null", '{"n"', '{"n":', '{"n":"', '"n":1', "x" * 9]
)
def test_damaged_text_is_no_error(holds, damaged):
    for value in ("1", "a", "true"):
        assert holds(damaged, "n", value) in (True, False)
        assert module._holds(damaged, as_text(["n", value])) in (True, False)


def test_long_value_takes_linear_time(holds):
    text = as_text({f"{n:02}": "s" * 1000 for n in range(50)})
    assert holds(text, "49", "S" * 1000)
    assert not holds(text, "49", "S" * 999 + "x")
