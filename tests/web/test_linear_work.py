"""What comes in takes a time that grows as its size does, and no faster."""

import gc
import io
import time
from contextlib import suppress

import pytest
from marshmallow import ValidationError

from leadbook.access.forwarded import header_from_afar
from leadbook.models import Client, Lead
from leadbook.schemas import NewLead
from leadbook.storage.cursors import read_token
from leadbook.storage.sqlite.entries import holding
from leadbook.storage.text import address_key, fold_for_search, is_visible
from leadbook.storage.times import read_time
from leadbook.transfer.delimited import records
from leadbook.transfer.delimited.records import Lines
from leadbook.transfer.files import reading
from leadbook.transfer.files.source import Source
from leadbook.transfer.files.strict_json import MOST_VALUES, MalformedJSONError, parse_json
from leadbook.transfer.values.addresses import chosen_address
from leadbook.transfer.values.dates import read_date
from leadbook.transfer.values.phones import chosen_phone
from leadbook.transfer.words.synonyms import field_of
from leadbook.web.batch import batch_of
from leadbook.web.queries import list_query

HEADER = "name,email\n"
CSV = {
    "quotes that open on every line": lambda n: 'a","b\n' * n,
    "quotes that are never closed": lambda n: '"a,b\n' * n,
    "a quote on every other line": lambda n: 'a,"b\nc,d\n' * (n // 2),
    "quotes within quotes": lambda n: '"a""\n' * n,
    "one quote and many lines": lambda n: '"a\n' + "Ada,ada@a.test\n" * n,
    "empty lines": lambda n: "\n" * n,
    "carriage returns": lambda n: '"a\r' * n,
    "escaped quotes": lambda n: '"a\\"\n' * n,
}
WORK = {
    "RFC 3339": (read_time, lambda n: "2026-01-01T00:00:00." + "0" * n),
    "date and T": (read_date, lambda n: "2024-01-01" + "T" * n + "\nx"),
    "date and blanks": (read_date, lambda n: "1/1/2024" + " " * n + "1"),
    "header of owners": (field_of, lambda n: "lead " * n),
    "header of capitals": (field_of, lambda n: "aB1" * n),
    "cell of addresses": (
        lambda text: chosen_address([text]),
        lambda n: '"(a@x.example,<' * (n // 8),
    ),
    "cell of no address": (
        lambda text: chosen_address([text]),
        lambda n: '<(,"' * n + "@" + "," * n + "(a" * n + "." * n + "a",
    ),
    "cell of phones": (
        lambda text: chosen_phone([("Phone", "", text)]),
        lambda n: "555-0100 Fax,1/;" * (n // 16),
    ),
    "cell of no phone": (
        lambda text: chosen_phone([("Phone", "", text)]),
        lambda n: "1" + "\n" * n + "; " * n + "(+" * n,
    ),
    "cursor": (read_token, lambda n: "W10" * n),
    "search words": (fold_for_search, lambda n: "a İ " * n),
    "search ligatures": (fold_for_search, lambda n: "ﷺ´が\u200b" * n),
    "key of labels": (address_key, lambda n: "a@" + "ü." * n),
    "key of a label": (address_key, lambda n: "é" * n + "@" + "ü" * n),
    "text of nothing": (is_visible, lambda n: "\u200b\u0301 " * n),
    "name of nothing": (lambda text: NewLead().load({"name": text}), lambda n: "\u200b " * n),
    "address of brackets": (
        lambda text: NewLead().load({"name": "A", "email": text}),
        lambda n: "mailto" * n + "\u3000" * n + ";" * n,
    ),
    "filter of addresses": (
        lambda text: list_query(Lead)().load({"email": text}),
        lambda n: "a " * n,
    ),
    "address": (
        lambda text: NewLead().load({"name": "A", "email": text}),
        lambda n: "a@" + "b." * n,
    ),
    "name of blanks": (lambda text: NewLead().load({"name": text}), lambda n: "a " * n),
    "name of marks": (lambda text: NewLead().load({"name": text}), lambda n: "a\u0301\u0316" * n),
    "notes of lines": (lambda text: NewLead().load({"notes": text}), lambda n: "\r\n" * n + "\0"),
    "X-Forwarded-For": (
        lambda text: header_from_afar({"HTTP_X_FORWARDED_FOR": text}),
        lambda n: ",".join(f"{number}:::" for number in range(n)),
    ),
    "X-Forwarded-For of colons": (
        lambda text: header_from_afar({"HTTP_X_FORWARDED_FOR": text}),
        lambda n: "[" + "1:" * n,
    ),
    "Forwarded": (
        lambda text: header_from_afar({"HTTP_FORWARDED": text}),
        lambda n: 'for="for = ' + " " * n + "for" * n + "for=.;" * n,
    ),
    "text of an entry": (
        lambda text: NewLead().load({"custom": {"a": text}}),
        lambda n: "é\u200b" * n,
    ),
    "filter by an entry": (lambda text: holding("custom", "a", text), lambda n: "ßﬁ%_*[İś" * n),
    "query": (lambda text: list_query(Lead)().load({"search": text}), lambda n: "a " * n),
    "JSON of keys": (parse_json, lambda n: ("{" + '"a":0,' * n + '"b":0}').encode()),
    "JSON of digits": (parse_json, lambda n: b"1" * n),
    "JSON of quotes": (parse_json, lambda n: b'"\\",[{' * n),
    "JSON of strings": (parse_json, lambda n: b"[" + b'",[",' * n),
    "JSON of backslashes": (parse_json, lambda n: b'[,"' + b",\\" * n),
    "JSON of brackets": (parse_json, lambda n: b"[" * n),
    "JSON of errors": (
        lambda names: batch_of(Lead)().load({"create": [names]}, unknown="raise"),
        lambda n: {f"x{number}": 0 for number in range(n)},
    ),
}


def rows_of(text):
    return list(reading.read_rows(Source(io.BytesIO(text.encode()), "The file")))


def characters_read(monkeypatch, text):
    """Return how many characters of lines are taken, those that are read again included."""
    read = []

    class Counted(Lines):
        def __next__(self):
            line = super().__next__()
            read.append(len(line))
            return line

    with monkeypatch.context() as patched:
        patched.setattr(reading, "Lines", Counted)
        rows_of(text)
    return sum(read)


@pytest.mark.parametrize("what", CSV)
def test_csv_is_read_again_in_proportion(monkeypatch, what):
    # Beyond what any file may have read again.
    monkeypatch.setattr(reading, "LONGEST_LINE", 4_096)
    few, many = (HEADER + CSV[what](n) for n in (4_000, 16_000))
    for text in (few, many):
        most = (1 + records._READ_AGAIN) * len(text) + 2 * 4_096
        assert characters_read(monkeypatch, text) <= most


def test_rows_after_a_quote_that_is_never_closed_are_read():
    text = HEADER + '"Ada,ada@a.test\n' + 'Grace,"grace@a.test"\n"Joan\nClarke",joan@a.test\n'
    rows = rows_of(text)
    assert [row.cells for row in rows if not row.problem] == [
        ["Grace", "grace@a.test"],
        ["Joan\nClarke", "joan@a.test"],
    ]
    assert [(row.line, row.raw) for row in rows if row.problem] == [(2, '"Ada,ada@a.test\n')]


def test_record_of_many_lines_is_read_after_many_that_are_broken():
    notes = "line\n" * 2_000
    text = HEADER + 'a","b\n' * 3_000 + f'Ada,"ada@a.test {notes}"\n' + "Grace,grace@a.test\n" * 9
    rows = rows_of(text.replace('a","b\n', '"a\n', 1))
    assert [row.cells[0] for row in rows if not row.problem][-9:] == ["Grace"] * 9


def seconds(work, value, times=3):
    """Return the least of some: what else the machine does only adds to it."""
    taken = []
    for _ in range(times):
        start = time.process_time()
        with suppress(ValueError, TypeError, RecursionError, ValidationError):
            work(value)
        taken.append(time.process_time() - start)
    return min(taken)


@pytest.fixture
def uncollected():
    """Stop the garbage collector, which looks at the objects of all other tests, too."""
    gc.disable()
    yield
    gc.enable()


@pytest.mark.parametrize("what", WORK)
@pytest.mark.usefixtures("uncollected")
def test_work_grows_as_its_input_does(what):
    work, make = WORK[what]
    size = 2_000
    # What is done with in a moment is not measured, but may not become long.
    while (few := seconds(work, make(size))) < 0.005 and size < 256_000:
        size *= 2
    # 16 times the work, were it not for caches of the processor; 256 times if it were quadratic.
    most, many = 64 * max(few, 0.005), make(16 * size)
    # Once is enough if it is fast: what else the machine does only adds to it.
    assert seconds(work, many, times=1) <= most or seconds(work, many) <= most, (size, few)


@pytest.mark.parametrize("kind", ["create", "update", "delete"])
@pytest.mark.parametrize("schema", [batch_of(Lead), batch_of(Client)])
def test_items_are_counted_before_any_is_read(kind, schema, monkeypatch):
    def read(*_, **__):
        raise AssertionError("An item is read.")

    monkeypatch.setattr("marshmallow.fields.Nested._deserialize", read)
    with pytest.raises(ValidationError, match="not 501"):
        schema().load({kind: [{}] * 501})
    with pytest.raises(ValidationError, match="not 800000"):
        schema().load({kind: [0] * 400_000, "other": [1] * 400_000})


@pytest.mark.parametrize(
    "value", ["{}", "[]", "0", '""', "[{}]", '{"a": [[]]}', "[" * 99 + "]" * 99, "[0, 1]"]
)
@pytest.mark.parametrize("around", ["[%s]", '{"create": [%s]}', '{"update": [{"id": [%s]}]}'])
def test_values_of_a_body_are_counted_before_any_is_made(value, around, monkeypatch):
    body = (around % ",".join([value] * 500)).encode()
    if value.count("[") < 99:
        assert parse_json(body)

    def make(*_, **__):
        raise AssertionError("A value is made.")

    monkeypatch.setattr("json.loads", make)
    with pytest.raises(MalformedJSONError, match="more than 25,000 values"):
        parse_json((around % ",".join([value] * (MOST_VALUES + 1))).encode())


def test_names_of_a_body_are_counted_before_any_is_made(monkeypatch):
    monkeypatch.setattr("json.loads", lambda *_, **__: pytest.fail("A value is made."))
    names = ",".join(f'"{number}":0' for number in range(MOST_VALUES + 1))
    with pytest.raises(MalformedJSONError, match="more than 25,000 values"):
        parse_json(f'{{"create": [{{{names}}}]}}'.encode())


def test_commas_and_brackets_within_strings_are_not_counted():
    notes = ',[{\\"\\\\,' * MOST_VALUES
    assert parse_json(f'{{"notes": "{notes}"}}'.encode())["notes"] == ',[{"\\,' * MOST_VALUES
