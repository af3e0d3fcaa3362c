"""Tags in one cell, of CSV and of JSON Lines."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadbook.models import Ticket
from leadbook.transfer.columns.kinds import kind_of
from leadbook.transfer.files.flattening import flattened
from leadbook.transfer.parsers import parser
from leadbook.transfer.values import formulas
from leadbook.transfer.values.cells import list_cell

TAGS = kind_of(Ticket).inputs["tags"]
TEXTS = st.lists(
    st.text("ab ,;[]\"'=+-\\", min_size=1, max_size=8),
    max_size=5,
    unique_by=lambda each: each.strip(),
).map(TAGS.deserialize)


def read(cell):
    return json.loads(parser(TAGS, Ticket.tags)(cell)) if cell else []


@given(tags=TEXTS)
def test_tags_survive_their_cell(tags):
    assert read(formulas.without_guards(formulas.guarded(list_cell(tags)))) == tags
    _, [cell] = flattened({"tags": tags}, frozenset({"tags"}))
    assert read(cell) == tags


@pytest.mark.parametrize(
    ("tags", "cell"),
    [(["Engines", "Hot"], "Engines, Hot"), (["a, b"], '["a, b"]'), ([], ""), (["[1]"], '["[1]"]')],
)
def test_cell_is_plain_if_it_can_be(tags, cell):
    assert list_cell(tags) == cell


@pytest.mark.parametrize("cell", ["[1, 2]", "[a, b]", "[", '["a", 1]'])
def test_cell_that_is_no_array_of_texts_has_commas_between_tags(cell):
    assert read(cell) == [each.strip() for each in cell.split(",")]
