"""Where a JSON object is broken: the line and the column in the file."""

import pytest

JSON, JSON_LINES = "application/json", "application/x-ndjson"
ADA = '{"name": "Ada", "email": "ada@a.test"}'


def reasons_of(take, text, media_type=JSON):
    report = take(text, media_type=media_type)
    return [(each["line"], each["reason"]) for each in report["rejects"]]


@pytest.mark.parametrize("before", ["", "\n\n", f"  {ADA},", f"{ADA},\n", f"{ADA},\n  " * 3_000])
def test_place_is_that_in_the_file(take, before):
    text = f'[{before}   {{"name": "Bea",\n     "email": bea@a.test}},\n{ADA}]'
    line, column = text[: text.index("bea@")].count("\n") + 1, 15
    [found] = reasons_of(take, text)
    said = f"The object is not JSON at line {line}, column {column}: Expecting value."
    assert found == (line - 1, said)


@pytest.mark.parametrize("before", ["", "\n", f"{ADA},", f"{ADA},\n  ", f"{ADA}, " * 3_000])
def test_column_counts_what_stands_before_the_object(take, before):
    text = f'[{before} {{"name": "Cy", "email" "c@a.test"}}, {ADA}]'
    at = text.index('"c@a')
    line, column = text[:at].count("\n") + 1, at - text[:at].rfind("\n")
    [(_, reason)] = reasons_of(take, text)
    assert f"at line {line}, column {column}: Expecting ':'" in reason


def test_objects_one_after_another_and_in_a_list_have_the_place_in_the_file(take):
    broken = '{"name": "Cy",\n "email":: 1}'
    [(_, reason)] = reasons_of(take, f'{{"contacts":\n[{ADA},\n{broken}]}}')
    assert "at line 4, column 10" in reason
    [(_, reason)] = reasons_of(take, f'{{"name": "Ada",\n"email": "a@a.test"}}\n{broken}')
    assert "at line 4, column 10" in reason


def test_line_of_json_lines_has_its_own_number(take):
    [found] = reasons_of(take, f'{ADA}\n\n {{"name": x}}\n', JSON_LINES)
    assert found == (3, "The line is not JSON at line 3, column 11: Expecting value.")


def test_body_of_a_request_counts_from_its_beginning(leadbook):
    answer = leadbook.client.post("/leads", data='{\n "name": x}', content_type=JSON)
    assert "The body is not JSON at line 2, column 10: Expecting value." in answer.text
