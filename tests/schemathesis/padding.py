"""Leaves out what JSON Schema cannot say.

A text is measured as it is stored: a string that is over maxLength only with its padding, its
CRLFs or its decomposed characters is taken, as the contract wants, while the document has to call
it too long. So is a list of tags that is over maxItems only with empty and repeated ones. Names of
entries that differ only in their padding are the same name. And no schema tells a cursor that was
handed out from one that was made up, a time zone from another name, or a person who is there from
one who is not; nor which parameters cannot stand beside each other, or that no id may come twice in
a batch. Nor does a pattern name all marks, which alone make no name, or, without the flag "u", an
invisible character beyond U+FFFF.
"""

import os
import re
from unicodedata import normalize

import schemathesis

from leadbook.models import FollowUp, Ticket
from leadbook.schemas import NewComment, NewFollowUp, NewLead, NewTicket
from leadbook.storage.custom_values import LONGEST_NAME, LONGEST_TEXT
from leadbook.storage.text import INVISIBLE_CHARACTER, fold, is_visible
from leadbook.web.batch import MOST_ITEMS
from leadbook.web.event_schemas import LONGEST_WAIT_SECONDS
from leadbook.web.queries import list_query
from leadbook.web.webhook_schemas import NewWebhook
from leadbook.webhooks.signing import make_secret

# In seconds. So long takes an answer, and test_events_awaited.py shows that it does.
LONG_WAITS = [str(each) for each in range(1, LONGEST_WAIT_SECONDS + 1)]
TIME_ZONE = re.compile(list_query(FollowUp)().fields["time_zone"].metadata["pattern"])
# What schemas do not say of webhooks, each with a value that is right. The host has no address, so
# that nothing is sent to other machines.
RIGHT = {
    "url": (re.compile("https?://", re.IGNORECASE), "https://hooks.invalid/crm"),
    "secret": (re.compile("whsec_[A-Za-z0-9+/]+=*"), make_secret()),
}
BODIES = (NewLead, NewWebhook, NewFollowUp, NewTicket, NewComment)
QUERIES = (list_query(FollowUp), list_query(Ticket))
LONGEST = {
    str(field.data_key): getattr(getattr(field, "inner", field), "longest", None)
    for schema in (*QUERIES, *BODIES)
    for field in schema().fields.values()
}
[MOST_TAGS] = (each.max for each in NewTicket().fields["tags"].validators)
LINKS = ("leadId", "clientId")
# The id of a client who is there until the end.
PERSON = os.environ["LEADBOOK_PERSON"]


@schemathesis.hook
def filter_case(_context, case):
    query = case.query or {}
    if "cursor" in query:
        return False
    if "updatedSince" in query and ("sort" in query or query.get("order") == "desc"):
        return False
    if query.get("format") == "jsonl" and query.get("bom"):
        return False
    if str(query.get("wait")) in LONG_WAITS:
        return False
    found = list(items(case.body))
    ids = [item["id"] for item in found[1:] if isinstance(item.get("id"), str)]
    # A new record's id is ignored, but may be left out here as well.
    if len(set(ids)) < len(ids) or len(found) - 1 > MOST_ITEMS:
        return False
    return not any(is_only_padded(item) or is_unseen(item) for item in [query, *found])


@schemathesis.hook
def before_call(_context, case, **_):
    if TIME_ZONE.fullmatch(str((case.query or {}).get("timeZone", ""))):
        case.query["timeZone"] = "Europe/Berlin"
    if case.method == "DELETE" and PERSON in case.path_parameters.values():
        case.path_parameters["id"] = PERSON[::-1]
    if not isinstance(case.body, dict):
        return
    for item in items(case.body):
        give_person(item, is_needed="follow-up" in case.path and "subject" in item)
    for name, (allowed, value) in RIGHT.items():
        given = case.body.get(name)
        if isinstance(given, str) and allowed.match(given):
            case.body[name] = value
    # No event has a higher number before there is one.
    if type(after := case.body.get("after")) in (int, float) and after > 0:
        case.body["after"] = 0


def items(body):
    """Yield the body, what it is a batch of, and the follow-up that comes next."""
    if isinstance(body, dict):
        yield body
        for name, each in body.items():
            listed = each if isinstance(each, list) else [each] if name == "next" else ()
            yield from (item for item in listed if isinstance(item, dict))


def give_person(item, *, is_needed):
    """Replace well-formed links, which may be those of nobody or of two persons."""
    links = [item[name] for name in LINKS if name in item]
    if (links or is_needed) and all(each is None or isinstance(each, str) for each in links):
        item |= {"leadId": None, "clientId": PERSON}
    # This is an item to delete, of a batch.
    if item.get("id") == PERSON and "permanent" in item:
        item["permanent"] = False


def is_only_padded(item):
    custom = item.get("custom")
    if isinstance(custom, dict):
        is_repeated = len(set(map(stored, custom))) < len(custom)
        if is_repeated or any(map(is_entry_only_padded, custom.items())):
            return True
    tags = item.get("tags")
    if isinstance(tags, list) and all(isinstance(each, str) for each in tags):
        kept = {fold(stored(each)) for each in tags if is_visible(each)}
        if len(kept) <= MOST_TAGS < len(tags):
            return True
    return any(
        isinstance(text, str) and len(stored(text)) <= LONGEST[name] < len(text)
        for name, value in item.items()
        if LONGEST.get(name)
        for text in (value if isinstance(value, list) else [value])
    )


def is_entry_only_padded(entry):
    name, value = entry[0].removeprefix("custom."), entry[1]
    if len(stored(name)) <= LONGEST_NAME < len(name) or not is_visible(name):
        return True
    return isinstance(value, str) and len(stored(value)) <= LONGEST_TEXT < len(value)


def stored(text):
    return normalize("NFC", text.strip().replace("\r\n", "\n"))


def is_unseen(item):
    name, email = (item.get(field) for field in ("name", "email"))
    is_nameless = isinstance(name, str) and name != "" and not is_visible(name)
    return is_nameless or (isinstance(email, str) and bool(INVISIBLE_CHARACTER.search(email)))
