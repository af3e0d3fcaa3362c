"""JSON of other tools: arrays, documents, objects over several lines, nested values."""

import io
import json
import tracemalloc

import pytest

from leadbook.transfer.errors import FileRefusedError
from leadbook.transfer.files import source
from leadbook.transfer.files.flattening import MOST_COLUMNS
from leadbook.transfer.files.reading import read_rows
from leadbook.transfer.files.source import LONGEST_LINE, Source

MARA = {"name": "Mara Quill", "email": "mara@tannic.example"}
ODD = {"name": "Odd Two", "email": "odd@tannic.example"}


def rows_of(text):
    data = text if isinstance(text, bytes) else text.encode()
    return list(read_rows(Source(io.BytesIO(data), "The file")))


def cells_of(text):
    return [dict(zip(row.header, row.cells, strict=True)) for row in rows_of(text)]


def problems_of(text):
    return [(row.line, row.problem) for row in rows_of(text) if row.problem]


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize(
    "document",
    [
        [MARA, ODD],
        {"records": [MARA, ODD]},
        {"meta": {"total": 2, "pages": [1, 2]}, "data": {"contacts": [MARA, ODD]}},
        {"contacts": [MARA, ODD], "tags": [{"id": 1}, {"id": 2}, {"id": 3}]},
        {"exported by": "odd@tannic.example", "contacts": [MARA, ODD]},
    ],
)
def test_records_are_found_in_arrays_and_documents(document, indent):
    assert cells_of(json.dumps(document, indent=indent)) == [MARA, ODD]


def test_objects_over_several_lines_come_in_with_the_lines_where_they_begin():
    text = "\n".join(json.dumps(each, indent=2) for each in (MARA, ODD))
    assert [(row.line, row.cells) for row in rows_of(text)] == [
        (1, [*MARA.values()]), (5, [*ODD.values()]),
    ]  # fmt: skip


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize(
    "person",
    [
        MARA,
        MARA | {"deals": [{"title": "One"}, {"title": "Two"}]},
        {"name": "Mara", "emails": [{"value": "mara@tannic.example"}]},
        {"id": 1, "properties": {"firstname": "Mara", "email": "mara@tannic.example"}},
    ],
)
def test_one_object_is_one_row(person, indent):
    [row] = rows_of(json.dumps(person, indent=indent))
    assert "mara@tannic.example" in row.cells


def test_list_in_a_document_is_told_from_an_object_in_json_lines_by_what_follows():
    line = json.dumps({"records": [MARA]})
    assert cells_of(line) == [MARA]
    assert [row.header for row in rows_of(f"{line}\n{line}\n")] == [
        ("records[0].name", "records[0].email"),
    ] * 2  # fmt: skip


def test_nested_values_become_columns_with_dots():
    item = {"a": {"b": {"c": 1}}, "tags": ["x", "y", None, 3], "list": [{"v": "1"}, ["p", "q"]]}
    item |= {"empty": {}, "none": [], "null": None, "yes": True}
    assert cells_of(f"{json.dumps(item)}\n{{}}\n")[0] == {
        "a.b.c": "1", "tags": "x, y, 3", "list[0].v": "1", "list[1]": "p, q",
        "empty": "", "none": "", "null": "", "yes": "true",
    }  # fmt: skip


def test_entries_of_custom_keep_the_dots_in_their_names():
    item = {"custom": {"Region": "North", "a.b": 5, "Vip": True, "Rate": 1.5}}
    assert cells_of(json.dumps(item)) == [
        {"custom.Region": "North", "custom.a.b": "5", "custom.Vip": "true", "custom.Rate": "1.5"}
    ]


def test_deep_values_become_json_text():
    item = value = {}
    for _ in range(12):
        value["k"] = value = {}
    value["end"] = "here"
    [[(name, cell)]] = [each.items() for each in cells_of(json.dumps(item))]
    assert name.count("k") < 12
    assert '{"end": "here"}' in cell


def test_object_with_too_many_values_is_rejected_by_itself():
    wide = {"a": {f"k{n}": n for n in range(MOST_COLUMNS + 1)}}
    [(line, problem)] = problems_of(f"{json.dumps(MARA)}\n{json.dumps(wide)}\n{json.dumps(ODD)}\n")
    assert (line, problem) == (2, "The object has more than 1,000 values.")


def test_bad_object_is_rejected_by_itself():
    text = '[\n{"a": 1},\n5,\n{"b": 2, "b": 3},\n{"c": NaN},\n[{"d": 1}],\n{"e": tru},\n{"f": 2}\n]'
    assert [row.line for row in rows_of(text) if not row.problem] == [2, 8]
    assert [line for line, _ in problems_of(text)] == [3, 4, 5, 6, 7]
    assert problems_of(text)[:2] == [
        (3, "The value is not a JSON object."), (4, "The object names 'b' more than once."),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[{"a": 1},\n{"b": 2}', "it ends in the middle"),
        ('[{"a": 1}\n{"b": 2}]', "on line 2, there should be ',' or ']', not '{'"),
        ('[{"a": 1}]\n[{"a": 1}]', "on line 2, the array has already ended"),
        ('{\n"records": [{"a": 1}],\n"next": oops}', "on line 3, 'oops' is no value"),
        ('{\n"records": [{"a": 1}],\nnext: 1}', "on line 3, there should be a name in quotes"),
        ('{"a":' * 100_000, "line 1 is nested too deeply"),
        ("[" * 100_000, "it ends in the middle"),
        ("[1, 2]", "a JSON array without objects"),
        ("[[1, 2], [3, 4]]", "a JSON array without objects"),
        ("[" + "1," * 20_000 + "1]", "JSON without a list of objects"),
        (json.dumps({"a": [MARA], "b": [ODD, ODD]}), "'a' (1, line 1), 'b' (2, line 1)"),
        (json.dumps({"a": [{"x": 1}], "b": [{"x": 1}]}), "2 lists of objects"),
    ],
)
def test_what_has_no_rows_is_refused_in_one_line(text, said):
    with pytest.raises(FileRefusedError) as refused:
        rows_of(text)
    assert said in str(refused.value)
    assert len(str(refused.value)) < 300


def test_deep_object_of_an_array_is_rejected_by_itself():
    deep = "[" * 20_000 + "]" * 20_000
    [(_, problem)] = problems_of(f'[{{"a": {deep}}}, {json.dumps(MARA)}]')
    assert problem == "The object is nested too deeply."


@pytest.mark.parametrize("size", [1, 2, 3, 5, 7, 64])
def test_rows_do_not_depend_on_where_the_text_is_cut(monkeypatch, size):
    tricky = {"a": '}"]\\', "b": {"c": '\\"{', "d": ["[", {"e": "\\\\"}]}, "f": -1.5e3, "g": None}
    document = {"note": 'x"}]', "data": {"rows": [tricky, MARA, tricky]}}
    text = json.dumps(document, indent=1)
    expected = rows_of(text)
    assert len(expected) == 3
    whole = Source(io.BytesIO(text.encode()), "The file")
    monkeypatch.setattr(
        whole, "chunks", lambda: (text[at : at + size] for at in range(0, len(text), size))
    )
    assert list(read_rows(whole)) == expected


def test_raw_text_gives_the_same_row_as_json_lines():
    items = [MARA | {"nested": {"a": [1, {"b": "two words"}]}}, ODD]
    for row in rows_of(json.dumps({"records": items}, indent=3)):
        assert "\n" not in row.raw
        [again] = rows_of(f"{row.raw}\n{{}}\n")[:1]
        assert (again.header, again.cells) == (row.header, row.cells)


def test_long_object_is_rejected_and_does_not_cost_the_others():
    long = json.dumps({"a": "x" * LONGEST_LINE, "b": {}})
    text = f"[{long},\n{json.dumps(MARA)}]"
    assert problems_of(text) == [(1, f"The object has more than {LONGEST_LINE} characters.")]
    assert len(rows_of(text)) == 2


@pytest.mark.parametrize(
    "pieces",
    [('{"records": "', "x", '"}'), ('[{"a": "', "x", '"}]'), ('[{"a": [', "1,", "1]}]"), ("[", " ", "]")],
)  # fmt: skip
def test_huge_values_take_little_memory(pieces):
    begin, repeated, end = (piece.encode() for piece in pieces)
    data = begin + repeated * (8_000_000 // len(repeated)) + end
    tracemalloc.start()
    try:
        rows_of(data)
    except FileRefusedError:
        pass
    finally:
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert peak < 4_000_000


def test_encoding_of_a_document_is_found():
    text = json.dumps([{"name": "Zoë", "email": "zoe@tannic.example"}], ensure_ascii=False)
    for encoding in ("utf-8-sig", "utf-16", "cp1252"):
        assert cells_of(text.encode(encoding))[0]["name"] == "Zoë"


def test_lists_of_the_sample_and_beyond_are_the_same(monkeypatch):
    monkeypatch.setattr(source, "SAMPLE_BYTES", 50)
    for document in ({"records": [MARA, ODD]}, [MARA, ODD]):
        for indent in (None, 2):
            assert cells_of(json.dumps(document, indent=indent)) == [MARA, ODD]


def test_name_beside_a_contact_is_the_company(take, leadbook):
    contact = {"name": "Ada", "emails": [{"email": "a@a.test"}]}
    item = {"display_name": "Engines", "name": "Engines", "contacts": [contact]}
    take(json.dumps([item]), media_type="application/json")
    [lead] = leadbook.leads()
    assert (lead["name"], lead["company"], lead["custom"]) == ("Ada", "Engines", {})


@pytest.mark.parametrize(
    ("number", "kept"),
    [
        ("9007199254740991", 9007199254740991),
        ("9007199254740993", "9007199254740993"),
        ("-9223372036854775809", "-9223372036854775809"),
        ("18446744073709551616", "18446744073709551616"),
        ("1" * 300, "1" * 300),
        ("1e400", "inf"),
    ],
)
def test_number_that_no_entry_can_have_is_kept_as_text(take, leadbook, number, kept):
    row = f'{{"name": "Ada", "email": "ada@engines.test", "custom": {{"Big": {number}}}}}'
    assert take(row, media_type="application/x-ndjson")["created"] == 1
    assert leadbook.leads()[0]["custom"] == {"Big": kept}
