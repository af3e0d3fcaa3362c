"""What the model-based test draws: few values, so that they meet again."""

from unicodedata import normalize

from hypothesis import strategies as st

one_of, fields = st.sampled_from, st.fixed_dictionaries
# The machine that draws now; st.runner() knows only one that Hypothesis itself runs.
running = []


def either(of_leads, of_clients):
    return st.tuples(st.just("leads"), of_leads) | st.tuples(st.just("clients"), of_clients)


def now(choices):
    """Draw one of what `choices` returns of the machine as it is then."""
    return st.builds(lambda: running[-1]).flatmap(lambda machine: one_of(choices(machine)))


# As duplicates, in searches, in changes that change nothing.
LETTERS = "aB'%_ßẞSéE\u0301ΣςΐİД漢😀"
TEXT = st.text(f"{LETTERS} \u3000", max_size=6)
# A mark alone is nothing that is seen.
NAME = st.tuples(TEXT, one_of(LETTERS.replace("\u0301", "")), TEXT).map("".join)
EMAIL = one_of("a@a.test A@A.test b@a.test ß@b.test SS@B.TEST é@b.test E\u0301@B.test".split())
OPTIONAL = one_of([None, "", " \t", "1", " 1 ", "É2", "E\u03012"])
IGNORED = "ignored"  # stands where a field is the service's own
REQUIRED = {"name": NAME, "email": EMAIL | EMAIL.map("\u00a0{}\n".format)}
FREE = {"phone": OPTIONAL, "company": OPTIONAL | TEXT, "source": OPTIONAL}
# Of several types, which are equal in Python.
ENTRY = one_of([None, "", "1", " 1 ", 1, 1.0, True, "true", 0.5, "é2", "E\u03012"])
CUSTOM = st.none() | st.dictionaries(one_of(["a", "A", "e\u0301", "b"]), ENTRY, max_size=3)
FREE |= {"custom": CUSTOM}
FREE |= {"notes": OPTIONAL | st.just(" a\r\n\tb "), "version": st.just(IGNORED)}
LEAD_STATUS = one_of(["new", "contacted", "qualified", "won", "lost"])
LEAD = FREE | {"status": LEAD_STATUS, "score": one_of([0, 1, 2, 1.0])}
CLIENT = FREE | {"status": st.just(IGNORED), "leadId": st.just(IGNORED)}
LEAD_CHANGES = fields({}, optional=REQUIRED | LEAD)
CLIENT_CHANGES = st.just({}) | fields({}, optional=REQUIRED | CLIENT)
NEW_LEAD, NEW_CLIENT = fields(REQUIRED, optional=LEAD), fields(REQUIRED, optional=CLIENT)
NEW = either(NEW_LEAD, NEW_CLIENT)
LIST = {"page": one_of([1, 1, 2]), "limit": st.integers(1, 4), "order": one_of(["asc", "desc"])}
SEARCH = one_of(["A", "ss@ b.", "É", "1", "2 é", "% '"])
ENTRY_FILTERS = {"custom.a": one_of(["1", "True", "É2"]), "custom.\u00e9": one_of(["1", "0.5"])}
TEXT_FILTERS = {"company": one_of(["1", "é2", "A"]), "source": one_of(["1", "E\u03012"])}
FILTERS = fields({"search": SEARCH}) | fields({"email": EMAIL}) | st.just({})
FILTERS |= fields({}, optional=TEXT_FILTERS | ENTRY_FILTERS | {"search": SEARCH})
LEAD_STATUSES = st.lists(LEAD_STATUS, min_size=1, max_size=3)
LEAD_STATUSES |= LEAD_STATUSES.map(",".join)
SORTS = ["updatedAt", "name", "nextFollowUpAt"]
LEAD_LIST = LIST | {"status": LEAD_STATUSES, "sort": one_of([*SORTS, "score"])}
PLANNED = {"followUp": one_of(["overdue", "planned", "none"])}
LEAD_LIST |= PLANNED
LEAD_LIST |= {"scoreMin": one_of([0, 1, 2]), "scoreMax": one_of([0, 1, 2])}
CLIENT_STATUSES = one_of(["archived", "all", "archived,active", "all,archived"])
CLIENT_LIST = LIST | PLANNED | {"status": CLIENT_STATUSES, "sort": one_of(SORTS)}
METHOD = one_of(["PUT", "PATCH"])
LISTS = either(fields({}, optional=LEAD_LIST), fields({}, optional=CLIENT_LIST))
# Ids of records and, half as often as each of them, one of no record, or of none any more.
LEAD_ID = now(lambda it: [*it.model.leads] * 2 + [it.gone])
CLIENT_ID = now(lambda it: [*it.model.clients] * 2 + [it.gone])
WEAK, STALE = 'W/"{version}"', '"{stale}"'
TAG = one_of([None, None, None, '"{version}"', '"77", "{version}"', "*", WEAK, STALE])
ON_DUPLICATE = one_of(["", "?onDuplicate=reject", "?onDuplicate=link"])
CAPTURES = one_of(["", "", "create", "skip", "update", "reject"])
# An Idempotency-Key or none; and one that has been used.
KEY = one_of([False, False, True])
USED_KEY = now(lambda it: [*it.kept] or [None])
# Items of a batch: an id, how far the version is off where one is named, and what is asked.
OFF = one_of([None, None, None, None, 0, 0, 0, 0, -1])


def _batch(id, new, changes, removal):
    some = st.lists(st.tuples(id, OFF, changes), max_size=2)
    gone = st.lists(st.tuples(id, OFF, removal), max_size=2)
    return st.tuples(st.lists(new, max_size=2), some, gone)


# In a file of another tool, a column that is no field of ours.
THEIRS = "theirs"


def of_a_file(row):
    """Return a body as another tool has it: what the service owns is a column like others."""
    told = {name: value for name, value in row.items() if name != "custom"}
    return {name: THEIRS if value == IGNORED else value for name, value in told.items()}


PERMANENT = one_of([{}, {"permanent": False}, {"permanent": True}])
BATCH = either(
    _batch(LEAD_ID, NEW_LEAD, LEAD_CHANGES, st.just({})),
    _batch(CLIENT_ID, NEW_CLIENT, CLIENT_CHANGES, PERMANENT),
)
FILES = either(
    st.tuples(
        one_of("create skip update reject".split()),
        st.lists(NEW_LEAD.map(of_a_file), min_size=1, max_size=4),
    ),
    st.tuples(
        one_of("skip update reject".split()),
        st.lists(NEW_CLIENT.map(of_a_file), min_size=1, max_size=4),
    ),
)
# Past, at about the time of the clock, later on its day, in its week, and much later.
DUE = one_of(
    [
        "1970-01-01T00:00:00.000Z",
        *(f"1970-01-01T00:16:40.{each}Z" for each in ("003", "100", "300")),
        "1970-01-01T12:00:00.000Z",
        "1970-01-07T23:59:59.999Z",
        "1970-01-08T00:00:00.000Z",
        "9999-12-31T23:59:59.999Z",
    ]
)
# No words of people: those are removed from what stays of a person who is erased.
SAID = one_of(["77", " 77 ", "88 99", "E\u030177"])
HINT = one_of([None, "", "77", " 88"])
FOLLOW_UP = {"type": one_of(["task", "call"]), "notes": HINT, "assignee": HINT, "outcome": HINT}
FOLLOW_UP |= {"doneAt": st.just(IGNORED), "status": one_of(["open", "open", "done", "cancelled"])}
TICKET = {"description": HINT, "assignee": HINT, "priority": one_of(["low", "normal", "urgent"])}
TICKET |= {"status": one_of(["open", "pending", "resolved", "closed"])}
TICKET |= {"number": st.just(IGNORED), "commentCount": st.just(IGNORED)}
COMMENT = {"author": HINT, "internal": st.booleans()}
FOLLOW_UP_ID, TICKET_ID, COMMENT_ID = (
    now(lambda it, kind=kind: [*it.model.records[kind]] * 2 + [it.gone])
    for kind in ("follow-ups", "tickets", "comments")
)


def _people(it):
    """Return links to one person, and some that no record may have."""
    leads, clients = ([*some] for some in (it.model.leads, it.model.clients))
    some = [{"leadId": each} for each in leads] + [{"clientId": each} for each in clients]
    both = [{"leadId": a, "clientId": b} for a in leads[:2] for b in clients[:2]]
    none = [{}, {"leadId": None}, {"leadId": it.gone}, {"clientId": it.gone, "leadId": None}]
    return some * 2 + both + none


def _with_person(body, person):
    return st.tuples(body, person).map(lambda each: each[0] | each[1])


PERSON = now(_people)
NEW_FOLLOW_UP = _with_person(fields({"subject": SAID, "dueAt": DUE}, optional=FOLLOW_UP), PERSON)
FOLLOW_UP_CHANGES = _with_person(
    fields({}, optional=FOLLOW_UP | {"subject": SAID, "dueAt": DUE}), st.just({}) | PERSON
)
NEXT = _with_person(fields({"subject": SAID, "dueAt": DUE}), st.just({}) | PERSON)
COMPLETION = st.none() | fields({}, optional={"outcome": HINT, "next": st.none() | NEXT})
NEW_TICKET = _with_person(fields({"subject": SAID}, optional=TICKET), PERSON)
TICKET_CHANGES = _with_person(fields({}, optional=TICKET | {"subject": SAID}), st.just({}) | PERSON)
NEW_COMMENT = fields({"text": SAID}, optional=COMMENT)
COMMENT_CHANGES = fields({}, optional=COMMENT | {"text": SAID})
FOLLOW_UP_LISTS = fields(
    {},
    optional=LIST
    | {"status": one_of(["open", "done", "cancelled,open"])}
    | {"sort": one_of(["dueAt", "createdAt", "updatedAt"])}
    | {"due": one_of(["overdue", "today", "week", "later"])},
)
TICKET_LISTS = fields(
    {},
    optional=LIST
    | {"status": one_of(["open", "resolved", "pending,closed"])}
    | {"sort": one_of(["createdAt", "updatedAt", "number"])},
)
LISTED = st.tuples(st.just("follow-ups"), FOLLOW_UP_ID) | st.tuples(st.just("tickets"), TICKET_ID)
BELONGING = LISTED | st.tuples(st.just("comments"), COMMENT_ID)
# By how many milliseconds somebody sets the clock.
JUMPS = one_of([-40, -4, 4, 40, 40])


def clean(body):
    values = {name: value for name, value in body.items() if value != IGNORED}
    for name, value in values.items():
        if isinstance(value, dict):
            entries = clean(value)
            values[name] = {normalize("NFC", each): entries[each] for each in entries}
        if isinstance(value, str):
            text = normalize("NFC", value.strip()).replace("\r\n", "\n")
            values[name] = text if text.strip(" \u3000\u0301") else None
    return values
