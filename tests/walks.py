"""Walks through a list, page by page."""


def get(client, path, **query):
    answer = client.get(path, query_string=query)
    assert answer.status_code == 200, answer.json
    return answer.json


def walk(client, path, between=lambda: None, **query):
    """Return the records of all pages, from the first on."""
    page = get(client, path, **query)
    records = page["data"]
    while token := page["pagination"]["next"]:
        between()
        page = get(client, path, cursor=token, limit=query["limit"])
        assert page["pagination"]["page"] is None
        assert page["data"]
        records += page["data"]
    return records
