"""The ETag of a compressed record, and where it is accepted."""

from contextlib import closing
from shutil import copy

import pytest

from leadbook.app import create_app

ZIPPED = {"Accept-Encoding": "gzip"}
PLAIN = {"Accept-Encoding": "identity"}
LONG = "Met at the fair. " * 100


@pytest.fixture
def app(path, new_file):
    copy(new_file, path)
    app = create_app({"DATABASE": path, "COMPRESS": "on"})
    with closing(app.extensions["leadbook"]):
        yield app


@pytest.fixture
def plain_client(app, path):
    """A client of the same records, without the setting."""
    app = create_app({"DATABASE": path})
    with closing(app.extensions["leadbook"]):
        yield app.test_client()


@pytest.fixture
def place(kind, make):
    return f"/{kind}/{make(notes=LONG)['id']}"


def get(client, place, tag, accepted):
    return client.get(place, headers={"If-None-Match": tag} | accepted)


def test_compressed_and_plain_answers_have_different_strong_tags(client, place):
    assert client.get(place, headers=ZIPPED).headers["ETag"] == '"1-gzip"'
    assert client.get(place, headers=PLAIN).headers["ETag"] == '"1"'
    answer = client.put(place, json={"name": "Grace"}, headers=ZIPPED)
    assert answer.headers["ETag"] == '"2-gzip"'


def test_weak_tag_of_a_list_is_the_same(client, place):
    tag = client.get("/leads", headers=PLAIN).headers["ETag"]
    answer = client.get("/leads", headers=ZIPPED)
    assert (answer.headers["ETag"], tag[:3]) == (tag, 'W/"')
    for accepted in (ZIPPED, PLAIN):
        again = get(client, "/leads", tag, accepted)
        assert (again.status_code, again.headers["ETag"]) == (304, tag)
        assert again.headers["Vary"] == "Accept-Encoding"


@pytest.mark.parametrize(
    ("sent", "of_zipped", "of_plain"),
    [
        ('"1"', '"1"', '"1"'),
        ('"1-gzip"', '"1-gzip"', '"1-gzip"'),
        ('W/"1-gzip"', '"1-gzip"', '"1-gzip"'),
        ('"x", "1-gzip"', '"1-gzip"', '"1-gzip"'),
        # That of the answer which they would get.
        ('"1", "1-gzip"', '"1-gzip"', '"1"'),
        ("*", '"1-gzip"', '"1"'),
    ],
)
def test_304_has_the_tag_that_the_caller_has(client, place, sent, of_zipped, of_plain):
    for accepted, tag in ((ZIPPED, of_zipped), (PLAIN, of_plain)):
        for ask in (client.get, client.head):
            answer = ask(place, headers={"If-None-Match": sent} | accepted)
            assert (answer.status_code, answer.data) == (304, b"")
            assert answer.headers["ETag"] == tag
            assert answer.headers["Vary"] == "Accept-Encoding"
            assert not {"Content-Encoding", "Content-Type"} & set(dict(answer.headers))


def test_304_of_a_short_record_has_its_plain_tag(client, kind, make):
    place = f"/{kind}/{make()['id']}"
    assert client.get(place, headers=ZIPPED).headers["ETag"] == '"1"'
    assert get(client, place, "*", ZIPPED).headers["ETag"] == '"1"'


@pytest.mark.parametrize(
    "sent", ['"2-gzip"', '"1-GZIP"', '"1-br"', '"-gzip"', '"1-gzip-gzip"', "1-gzipx", ""]
)
def test_other_tags_are_those_of_other_answers(client, plain_client, place, sent):
    for each in (client, plain_client):
        assert get(each, place, sent, ZIPPED).status_code == 200
        answer = each.put(place, json={"name": "Grace"}, headers={"If-Match": sent})
        assert answer.status_code == 412


def test_tag_of_a_compressed_answer_may_be_sent_back(client, place):
    for version in (1, 2):
        tag = client.get(place, headers=ZIPPED).headers["ETag"]
        assert tag == f'"{version}-gzip"'
        headers = ZIPPED | {"If-Match": tag}
        assert (
            client.put(place, json={"name": f"Ada {version}"}, headers=headers).status_code == 200
        )
        again = client.put(place, json={"name": "Eve"}, headers=headers)
        assert (again.status_code, again.json["error"]["code"]) == (412, "VERSION_MISMATCH")
        excluded = ZIPPED | {"If-None-Match": f'"{version + 1}-gzip"'}
        assert client.put(place, json={"name": "Eve"}, headers=excluded).status_code == 412


def test_tag_is_valid_after_the_setting_is_switched_off(client, plain_client, place):
    tag = client.get(place, headers=ZIPPED).headers["ETag"]
    for accepted in (ZIPPED, PLAIN):
        answer = get(plain_client, place, tag, accepted)
        assert (answer.status_code, answer.headers["ETag"]) == (304, tag)
        assert "Vary" not in answer.headers
    for several in ("*", f'{tag}, "1"'):
        assert get(plain_client, place, several, ZIPPED).headers["ETag"] == '"1"'
    answer = plain_client.put(place, json={"name": "Grace"}, headers={"If-Match": tag})
    assert (answer.status_code, answer.headers["ETag"]) == (200, '"2"')
    assert get(plain_client, place, tag, ZIPPED).status_code == 200


def test_plain_tag_is_valid_after_the_setting_is_switched_on(client, plain_client, place):
    tag = plain_client.get(place, headers=ZIPPED).headers["ETag"]
    assert get(client, place, tag, ZIPPED).status_code == 304
    assert client.delete(place, headers=ZIPPED | {"If-Match": tag}).status_code in (200, 204)
