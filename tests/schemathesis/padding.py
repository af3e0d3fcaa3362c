"""Leaves out what JSON Schema cannot say.

A text is measured as it is stored: a string that is over maxLength only with its padding, its
CRLFs or its decomposed characters is taken, as the contract wants, while the document has to call
it too long. Names of entries that differ only in their padding are the same name. And no schema tells a cursor that was handed out from one that was made up, which
parameters cannot stand beside each other, or that no id may come twice in a batch. Nor does a
pattern name all marks, which alone make no name, or, without the flag "u", an invisible character
beyond U+FFFF.
"""

import re
from unicodedata import normalize

import schemathesis

from leadbook.schemas import NewLead
from leadbook.storage.custom_values import LONGEST_NAME, LONGEST_TEXT
from leadbook.storage.text import INVISIBLE_CHARACTER, is_visible
from leadbook.web.batch import MOST_ITEMS
from leadbook.web.event_schemas import LONGEST_WAIT_SECONDS
from leadbook.web.webhook_schemas import NewWebhook
from leadbook.webhooks.signing import make_secret

# In seconds. So long takes an answer, and test_events_awaited.py shows that it does.
LONG_WAITS = [str(each) for each in range(1, LONGEST_WAIT_SECONDS + 1)]
# What schemas do not say of webhooks, each with a value that is right. The host has no address, so
# that nothing is sent to other machines.
RIGHT = {
    "url": (re.compile("https?://", re.IGNORECASE), "https://hooks.invalid/crm"),
    "secret": (re.compile("whsec_[A-Za-z0-9+/]+=*"), make_secret()),
}
LONGEST = {
    name: getattr(field, "longest", None)
    for name, field in (NewLead().fields | NewWebhook().fields).items()
}


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
    if not isinstance(case.body, dict):
        return
    for name, (allowed, value) in RIGHT.items():
        given = case.body.get(name)
        if isinstance(given, str) and allowed.match(given):
            case.body[name] = value
    # No event has a higher number before there is one.
    if type(after := case.body.get("after")) in (int, float) and after > 0:
        case.body["after"] = 0


def items(body):
    """Yield the body, and what it is a batch of."""
    if isinstance(body, dict):
        yield body
        for each in body.values():
            if isinstance(each, list):
                yield from (item for item in each if isinstance(item, dict))


def is_only_padded(item):
    custom = item.get("custom")
    if isinstance(custom, dict):
        is_repeated = len(set(map(stored, custom))) < len(custom)
        if is_repeated or any(map(is_entry_only_padded, custom.items())):
            return True
    return any(
        isinstance(value, str) and len(stored(value)) <= LONGEST[name] < len(value)
        for name, value in item.items()
        if LONGEST.get(name)
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
