"""In which order the parts of a name are written."""

import pytest

from leadbook.transfer.words.names import full_name


@pytest.mark.parametrize(
    ("first", "last", "name"),
    [
        ("Mara", "Quill", "Mara Quill"), ("Mara", "", "Mara"), ("", "Quill", "Quill"), ("", "", ""), ("Łucja", "Żak", "Łucja Żak"),
        ("太郎", "山田", "山田 太郎"), ("たろう", "やまだ", "やまだ たろう"), ("민준", "김", "김 민준"), ("伟", "王", "王 伟"), ("Taro", "山田", "Taro 山田"), ("太郎", "Quill", "太郎 Quill"),
        # With "Name" beside "Surname", or "Vorname" beside "Name", one may be the whole.
        ("Mara Quill", "Quill", "Mara Quill"), ("Mara", "Mara Quill", "Mara Quill"), ("Mara", "Maraquill", "Mara Maraquill"), ("Tanquill", "Quill", "Tanquill Quill"),
    ],
)  # fmt: skip
def test_parts_are_put_in_the_order_of_their_language(first, last, name):
    assert full_name(first, last) == name
