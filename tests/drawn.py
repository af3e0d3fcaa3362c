"""What the model-based test draws: few values, so that they meet again."""

from unicodedata import normalize

from hypothesis import strategies as st

one_of, fields = st.sampled_from, st.fixed_dictionaries


def either(of_leads, of_clients):
    return st.tuples(st.just("leads"), of_leads) | st.tuples(st.just("clients"), of_clients)


# As duplicates, in searches, in changes that change nothing.
TEXT = st.text("aB '%_ßẞSéE\u0301ΣςΐİД漢😀\u3000", max_size=6)
EMAIL = one_of("a@a.test A@A.test b@a.test ß@b.test SS@B.TEST é@b.test E\u0301@B.test".split())
OPTIONAL = one_of([None, "", " \t", "1", " 1 ", "É2", "E\u03012"])
IGNORED = "ignored"  # stands where a field is the service's own
REQUIRED = {"name": TEXT.filter(str.strip), "email": EMAIL | EMAIL.map("\u00a0{}\n".format)}
FREE = {"phone": OPTIONAL, "company": OPTIONAL | TEXT, "source": OPTIONAL}
FREE |= {"notes": OPTIONAL | st.just(" a\r\n\tb "), "version": st.just(IGNORED)}
LEAD_STATUS = one_of(["new", "contacted", "qualified", "won", "lost"])
LEAD = FREE | {"status": LEAD_STATUS, "score": one_of([0, 1, 2, 1.0])}
CLIENT = FREE | {"status": st.just(IGNORED), "leadId": st.just(IGNORED)}
CLIENT_CHANGES = st.just({}) | fields({}, optional=REQUIRED | CLIENT)
NEW = either(fields(REQUIRED, optional=LEAD), fields(REQUIRED, optional=CLIENT))
LIST = {"page": one_of([1, 1, 2]), "limit": st.integers(1, 4), "order": one_of(["asc", "desc"])}
SEARCH = one_of(["A", "ss@ b.", "É", "1", "2 é", "% '"])
FILTERS = fields({"search": SEARCH}) | fields({"email": EMAIL}) | st.just({})
LEAD_LIST = LIST | {"status": LEAD_STATUS, "sort": one_of(["updatedAt", "score"])}
CLIENT_LIST = LIST | {"status": one_of(["archived", "all"]), "sort": one_of(["updatedAt", "name"])}
LISTS = either(fields({}, optional=LEAD_LIST), fields({}, optional=CLIENT_LIST))
# Ids of records and, half as often as each of them, one of no record, or of none any more.
LEAD_ID = st.runner().flatmap(lambda it: one_of([*it.leads] * 2 + [it.gone]))
CLIENT_ID = st.runner().flatmap(lambda it: one_of([*it.clients] * 2 + [it.gone]))
WEAK, STALE = 'W/"{version}"', '"{stale}"'
TAG = one_of([None, None, None, '"{version}"', '"77", "{version}"', "*", WEAK, STALE])
ON_DUPLICATE = one_of(["", "?onDuplicate=reject", "?onDuplicate=link"])


def clean(body):
    values = {name: value for name, value in body.items() if value != IGNORED}
    for name, value in values.items():
        if isinstance(value, str):
            values[name] = normalize("NFC", value.strip()).replace("\r\n", "\n") or None
    return values
