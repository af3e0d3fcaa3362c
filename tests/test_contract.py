"""The public contract: what a server answered at commit bfc6b83, it still answers to the byte.

`recording.py` tells how the answers in recorded/ are noted.
"""

import json
import sys

import pytest
import recording

LEADBOOK = [sys.executable, "-m", "leadbook.cli"]

# Why an answer is not the one of before. CHANGELOG.md has most of these words.
REASONS = {
    "open": "Connections stay open after 204 and 304.",
    "early": "A body that is too large is refused unread, which ends the connection.",
    "compressed": "A compressed body is a 415, as docs/api.md says.",
    "unreadable": "Requests that are not HTTP/1.0 or 1.1 as RFC 9112 has it get the envelope.",
    "method": "The parser of the front knows the registered methods alone.",
    "target": "A target that names a host is judged by that host.",
    "undone": "A refused batch does not name the id of a record that was undone with it.",
    "streamed": "HEAD of an export named a length of 0, which its GET has not.",
    "words": "Messages are in plainer English; the codes are the same.",
    "busy": "TOO_BUSY is a new code, which a fault of test mode may have.",
}
# Beside words and examples, which are not part of the contract: test_openapi.py looks at them.
DOCUMENT_DIFFERENCES = {
    # The codes of the new front, and of too many calls at once.
    "/components/schemas/ErrorBody/properties/code/enum/+": [
        "TOO_BUSY",
        "MALFORMED_REQUEST",
        "HEAD_TOO_LARGE",
        "REQUEST_TIMEOUT",
    ],
}


def read(name):
    return json.loads((recording.RECORDED / name).read_text(encoding="utf-8"))


def without_words(value):
    """Return a document without what explains and shows it, its parameters in order of name."""
    if isinstance(value, dict):
        left_out = ("description", "example", "summary")
        return {name: without_words(each) for name, each in value.items() if name not in left_out}
    if isinstance(value, list):
        each_of_them = [without_words(each) for each in value]
        if all(isinstance(each, dict) for each in value):
            each_of_them.sort(key=lambda each: json.dumps(each.get("name", each), sort_keys=True))
        return each_of_them
    return value


def differences(before, after, place=""):
    """Yield where two JSON values differ, as pointers, and what is there now.

    The names of an object may come in any order. What was put at the end of a list is at `+`.
    """
    if isinstance(before, dict) and isinstance(after, dict):
        for name in before | after:
            inner = f"{place}/{name.replace('~', '~0').replace('/', '~1')}"
            if name not in after:
                yield inner, "(gone)"
            elif name not in before:
                yield inner, after[name]
            else:
                yield from differences(before[name], after[name], inner)
    elif isinstance(before, list) and isinstance(after, list) and len(before) < len(after):
        yield from differences(before, after[: len(before)], place)
        yield f"{place}/+", after[len(before) :]
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for number, pair in enumerate(zip(before, after, strict=True)):
            yield from differences(*pair, f"{place}/{number}")
    elif json.dumps(before) != json.dumps(after):
        yield place, after


@pytest.mark.parametrize("name", [path.name for path in recording.recordings()])
def test_recorded_requests_are_answered_as_before(name):
    recorded = read(name)
    for each, answer in zip(
        recorded["requests"], recording.replay(LEADBOOK, recorded), strict=True
    ):
        assert answer == each["answer"], each["request"]


def test_recorded_requests_are_many_and_of_every_kind():
    answered = [
        (each["request"], each["answer"])
        for path in recording.recordings()
        for each in read(path.name)["requests"]
    ]
    assert len(answered) >= 200
    document = read("openapi.json")
    codes = document["components"]["schemas"]["ErrorBody"]["properties"]["code"]["enum"]
    refused = [answer["body"] for _, answer in answered if '{"error":' in answer["body"]]
    found = {json.loads(body)["error"]["code"] for body in refused}
    # It takes a full disk: see server/test_uploads.py.
    assert set(codes) - found == {"STORAGE_UNAVAILABLE"}
    methods = {request.get("line", "").split(" ")[0] for request, _ in answered}
    assert {"GET", "HEAD", "OPTIONS", "POST", "PUT", "DELETE", "PATCH"} <= methods


def test_every_changed_answer_has_a_reason():
    reasons = {
        each.get("because", each["request"].get("line"))
        for path in recording.recordings()
        for each in read(path.name)["requests"]
        if "before" in each
    }
    assert reasons == set(REASONS)


def test_document_has_changed_only_on_purpose(client):
    before, after = read("openapi.json"), client.get("/openapi.json").json
    found = dict(differences(without_words(before), without_words(after)))
    assert found == DOCUMENT_DIFFERENCES


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        ({"a": 1}, {"b/c": 1}, {"/a": "(gone)", "/b~1c": 1}),
        ({"a": [1, 2]}, {"a": [1, 3, 4]}, {"/a/1": 3, "/a/+": [4]}),
        ({"a": [1, 2]}, {"a": [1]}, {"/a": [1]}),
        ({"a": 1, "b": None}, {"b": None, "a": 1.0}, {"/a": 1.0}),
        ({"a": {"b": 0}}, {"a": {"b": False}}, {"/a/b": False}),
    ],
)
def test_documents_are_compared_to_the_leaf(before, after, found):
    assert dict(differences(before, after)) == found
