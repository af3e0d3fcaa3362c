"""The public contract: what a server answered at commit bfc6b83, it still answers to the byte.

`recording.py` tells how the answers in recorded/ are noted.
"""

import json
import re
import subprocess
from functools import partial

import pytest
import recording
from forked_server import ForkedServer

# Why an answer is not the one of before. CHANGELOG.md has most of these words.
REASONS = {
    "open": "Connections stay open after 204 and 304.",
    "early": "A body that is too large is refused unread, which ends the connection.",
    "compressed": "A compressed body is a 415, as docs/api.md says.",
    "unreadable": "Requests that are not HTTP/1.0 or 1.1 as RFC 9112 has it get the envelope.",
    "undone": "A refused batch does not name the id of a record that was undone with it.",
    "streamed": "HEAD of an export named a length of 0, which its GET has not.",
    "words": "Messages are in plainer English, or say more; the codes are the same.",
    "busy": "TOO_BUSY is a new code, which a fault of test mode may have.",
    "kept": "A browser may keep records and lists if it asks each time; lists have an ETag and links.",
    "patch": "PATCH does what PUT does.",
    "preflight": "A preflight names the methods that the path has.",
    "root": "The root says where things are.",
    "slashes": "A path has one spelling: //leads is none.",
    "assets": "The files of the page have an ETag, and the page names them with their fingerprints.",
    "health": "/health answers whatever its Host.",
    "charset": "JSON in another charset than UTF-8 was read as UTF-8, which changed the text.",
    "prefix": "A retry may have the prefix /v1 or not.",
    "sort": "Leads can be sorted by name.",
    "own": "The report of an import says whether the file is an export of Leadbook.",
    "custom": "Leads and clients have fields of their own.",
    "import": "An import keeps what has no field, mends optional values, and says more about it.",
    "faults": "A fault may have any status, a body and a query.",
    "follow-ups": "There are follow-ups and tickets, and people show their next follow-up.",
}
# Where the document says something new, beside words and examples: test_openapi.py looks at them.
DOCUMENT_DIFFERENCES = {
    r"/paths/~1(leads|clients)(~1export)?/get/parameters/"
    r"(source|company|(created|updated)Before|score(Min|Max)|clientId|leadId)": "more filters",
    r"/paths/~1(leads|clients)(~1export)?/get/parameters/status/.*": "several statuses",
    r"/paths/~1(leads|clients)/get/(parameters/.*IfNoneMatch.*|responses/(304|200/headers/ETag))"
    "|/components/headers/ListETag": "the ETag of lists",
    "/paths/~1leads/get/parameters/sort/schema/enum/[+]": "the order of names",
    r"/paths/~1(leads|clients)~1\{id\}/patch": "PATCH",
    r"/paths/~1(docs(~1\{asset\})?|openapi.json)/get/responses/304": "files that callers keep",
    "/paths/~1|/components/schemas/Service": "where things are",
    "/components/schemas/OwnExport|/components/schemas/ImportReport/(properties/ownExport"
    "|required/[+])": "exports of Leadbook",
    "/components/schemas/ErrorBody/properties/code/enum/[+]": "codes of the front, and TOO_BUSY",
    ".*/(name|email)/(schema/)?pattern": "characters that nobody sees",
    r"/paths/~1(leads|clients)(~1export)?/get/parameters/(custom|cursor/schema/maxLength)"
    "|/components/schemas/(New)?(Lead|Client)(Changes|Update|Overrides)?"
    "/(properties/custom|required/[+])": "custom fields",
    r"/paths/~1(leads|clients)~1import/post/(parameters|requestBody/content)/.*": "kinds of files",
    r"/paths/~1(leads|clients)~1export/get/parameters/bom": "byte order marks",
    r"/paths/~1(events|(leads|clients)~1\{id\}~1history)"
    "|/components/schemas/(Change|Event|FeedEvent|FeedPlace|HistoryPlace|HistoryPage|EventPage)|/tags/events"
    "|/components/schemas/ErrorDetail/properties/oldest": "events",
    r"/paths/~1(leads|clients)~1\{id\}~1timeline|/components/schemas/Timeline.*": "timelines",
    "/paths/~1webhooks.*|/components/schemas/(NewSecret|Replay|New[Ww]ebhook|Webhook.*|Deliver(y|ies|yList))"
    "|/tags/webhooks": "webhooks",
    "/components/schemas/(WordCounts/.*|RejectReason|Remark|OptOutColumn|ReadFormat|DateOrder"
    "|ImportReport/properties/(encoding|encodingGuessed|format|custom|adjusted|emptied|dateOrders"
    "|optedOut(In)?|reasons|notices|remarks|firstRemark|repeatedAddresses))": "more of an import",
    "/components/securitySchemes/keyOfUrl": "a key in the URL of the calendar",
    r"/paths/~1(leads|clients)~1\{id\}/delete/parameters/tickets"
    "|/components/schemas/(Lead|Client)Removal/properties/tickets": "tickets of who is erased",
    "/paths/~1(follow-ups|tickets|comments).*|/tags/(follow-ups|tickets|comments)"
    "|/components/schemas/(New|Next)?(FollowUp|Ticket|Comment)(Page|Changes|Update|Removal|Batch)?"
    "|/components/schemas/Completion": "follow-ups and tickets",
    r"/paths/~1(leads|clients)(~1export)?/get/parameters/followUp"
    "|/paths/~1clients/get/parameters/sort/schema/enum/[+]"
    "|/components/schemas/(Lead|Client)/properties/(nextFollowUpAt|openFollowUps)"
    "|/components/schemas/.*(Lead|Client)[^/]*/patternProperties/.*": "the next follow-up of people",
}


def read(name):
    return json.loads((recording.RECORDED / name).read_text(encoding="utf-8"))


def without_words(value):
    """Return a document without what explains and shows it; what has names is found by them."""
    if isinstance(value, dict):
        left_out = ("description", "example", "summary")
        return {name: without_words(each) for name, each in value.items() if name not in left_out}
    if isinstance(value, list):
        each_of_them = [without_words(each) for each in value]
        if all(isinstance(each, dict) for each in value):
            return {each.get("name") or json.dumps(each): each for each in each_of_them}
        return sorted(each_of_them, key=json.dumps)
    return value


def differences(before, after, place=""):
    """Yield where two JSON values differ, as pointers, and what is there now.

    The names of an object may come in any order. What a longer list has more is at `+`.
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
        new = [each for each in after if each not in before]
        yield from differences(before, [each for each in after if each in before], place)
        yield f"{place}/+", new
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for number, pair in enumerate(zip(before, after, strict=True)):
            yield from differences(*pair, f"{place}/{number}")
    elif json.dumps(before) != json.dumps(after):
        yield place, after


@pytest.mark.parametrize("name", [path.name for path in recording.recordings()])
def test_recorded_requests_are_answered_as_before(name):
    recorded = read(name)
    start = partial(ForkedServer, stderr=subprocess.DEVNULL)
    for each, answer in zip(recorded["requests"], recording.replay(start, recorded), strict=True):
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
    reasons = {
        place: [
            why for pattern, why in DOCUMENT_DIFFERENCES.items() if re.fullmatch(pattern, place)
        ]
        for place in found
    }
    assert {place: found[place] for place, whys in reasons.items() if len(whys) != 1} == {}
    assert {why for whys in reasons.values() for why in whys} == {*DOCUMENT_DIFFERENCES.values()}


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        ({"a": 1}, {"b/c": 1}, {"/a": "(gone)", "/b~1c": 1}),
        ({"a": [1, 2]}, {"a": [1, 3, 4]}, {"/a": [1], "/a/+": [3, 4]}),
        ({"a": [1, 2]}, {"a": [1]}, {"/a": [1]}),
        ({"a": 1, "b": None}, {"b": None, "a": 1.0}, {"/a": 1.0}),
        ({"a": {"b": 0}}, {"a": {"b": False}}, {"/a/b": False}),
    ],
)
def test_documents_are_compared_to_the_leaf(before, after, found):
    assert dict(differences(before, after)) == found
