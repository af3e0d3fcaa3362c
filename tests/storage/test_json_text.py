"""JSON text is the same with and without the compiled library, to the byte."""

import json

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from leadbook.storage.custom_values import cleaned
from leadbook.storage.json_text import as_text, decode, encode, encode_plainly


@settings(max_examples=400)
@given(st.floats(-(2.0**53) + 1, 2.0**53 - 1) | st.floats(1e-12, 1e-3))
@example(1e-5)
@example(-1.5e-5)
@example(1e-4)
@example(9.999e-6)
@example(1e-10)
@example(5e-324)
def test_numbers_are_written_alike(number):
    # Such as an answer has them, after the cleaning.
    values = {"a": number, "b": [number, f"{number}e-05"], **cleaned({"c": number})}
    assert encode(values) == encode_plainly(values)
    assert json.loads(encode_plainly(values)) == decode(as_text(values)) == values


@pytest.mark.parametrize(
    "text", ["1e-05", 'a"1e-05', "\\", "\\1e-07\\", '1e-07"', "e-0", "é 1e-09"]
)
def test_numbers_in_texts_stay_as_they_are(text):
    values = {text: [text, 1e-7, text], "z": 1.25e-05}
    assert encode(values) == encode_plainly(values)
    assert json.loads(encode_plainly(values)) == values
