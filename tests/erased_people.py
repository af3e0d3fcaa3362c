"""A person who is erased, with words that nothing else has, and the tickets of that person."""

NAME, ADDRESS = "Unforgettable Byron", "unmistakable@engines.test"
PERSON = {"name": NAME, "email": ADDRESS}
# In the bytes of a file.
WORDS = (b"nforgettable", b"nmistakable")


def make_ticket(client, key=None, **fields):
    headers = {"Idempotency-Key": key} if key else {}
    answer = client.post("/tickets", json={"subject": "Help"} | fields, headers=headers)
    assert answer.status_code == 201, answer.json
    return answer.json
