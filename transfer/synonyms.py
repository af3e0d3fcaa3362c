"""The words that other tools use for our fields and statuses.

The headers come from exports of HubSpot, Salesforce, Pipedrive, Zoho, Google Contacts, Outlook and
Mailchimp, and from lists made by hand. They are written here as `normalized` returns them.
"""

import re
from collections.abc import Sequence

# A header may begin with one of these: "Person - Name", "Lead Source".
_OWNERS = re.compile(r"(person|lead|contact|customer|client) (?=.)")

_WHICH = (
    r"( ([0-9]|mobile|cell|direct|main|primary|work|business|home|private|personal|office|other))?"
)
_KINDS = r"((main|primary|secondary|alternate|work|business|home|private|personal|office|other|company|company main) )?"

# The headers of each field, or part of a field. If several match, the first filled cell counts.
FIELDS: dict[str, re.Pattern[str]] = {
    field: re.compile(pattern)
    for field, pattern in {
        "name": r"(full ?|display )?name|name full|person",
        "first name": r"(first|given) ?name|f ?name|forename|name first",
        "last name": r"(last|family) ?name|l ?name|surname|name last",
        "email": rf"{_KINDS}e?mail{_WHICH}( address)?{_WHICH}( value)?|{_KINDS}email address",
        "phone": rf"{_KINDS}(mobile |cell )?(phone|telephone|tel|mobile|cell)( number)?{_WHICH}( value)?",
        "company": r"((primary )?associated |primary )?(company|organi[sz]ation|account|employer)( [0-9])?( name)?|company account|business",
        "source": r"(original |traffic |original traffic )?source( name)?",
        "notes": r"notes?|description|comments?|remarks?",
        "lifecycle": r"lifecycle ?stage",
        "status reason": r"status reason",
        "status": r"(deal |opportunity )?(status|stage)( name)?|(pipeline|sales) stage",
        "score": r"(hub ?spot )?score",
        "createdAt": r"(created?|creation|added?|subscription|subscribed|optin|opt in|confirm|signup|sign up)( (at|on|date|time|by date))?"
        r"|(date|time) (created|added)",
    }.items()
}

STATUSES: dict[str, str] = {
    word: status
    for status, words in {
        "new": "new, new lead, open, not contacted, open not contacted, uncontacted, fresh, inbound",
        "contacted": "contacted, contact made, re engagement, reengagement, attempted to contact, contact attempted, attempting, connected, in progress, "
        "working, working contacted, open working, contact in future, nurturing, responded, follow up, meeting scheduled, appointment scheduled",
        "qualified": "qualified, pre qualified, sales qualified, marketing qualified, proposal, proposal sent, proposal made, proposal price quote, negotiation, "
        "negotiations started, negotiation review, in negotiation, negotiating, opportunity, qualified to buy, presentation scheduled, decision maker bought in, "
        "contract sent, quote sent, demo scheduled",
        "won": "won, closed won, closedwon, close won, converted, closed converted, customer, sold",
        "lost": "lost, closed lost, closedlost, closed lost to competition, close lost, lost lead, disqualified, unqualified, not qualified, closed not converted, junk, junk lead, "
        "not interested, dead, rejected",
    }.items()
    for word in words.split(", ")
}


_LONGEST_HEADER = 200


def normalized(text: str) -> str:
    """Return the words of a header or a status in lower case, with single spaces between them."""
    # Split FirstName, leadStatus and Email1 as well.
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Za-z])(?=[0-9])", " ", text)
    words = " ".join(re.findall(r"[^\W_]+", spaced.casefold()))
    return re.sub(r"\be mails?\b", "email", words).replace("emails", "email")


def field_of(header: str) -> str | None:
    """Return the field of a column with this header, or None if the header is unknown."""
    # A longer header is not a name. The limit matters: each owner in front costs another round.
    words = normalized(header[:_LONGEST_HEADER])
    while True:
        for field, pattern in FIELDS.items():
            if pattern.fullmatch(words):
                return field
        shorter = _OWNERS.sub("", words, count=1)
        if shorter == words:
            return None
        words = shorter


def fields_of(headers: Sequence[str]) -> list[str | None]:
    """Return the field of each column of a file."""
    return [field_of(each) for each in headers]
