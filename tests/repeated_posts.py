"""A POST that is sent again with its key."""

BODY = {"name": "Ada", "email": "ada@engines.test"}


HOUR = 60 * 60 * 1000


def post(client, path="/leads", key="k1", json=BODY, **headers):
    return client.post(path, json=json, headers={"Idempotency-Key": key} | headers)


def total(client, path="/leads"):
    return client.get(path).json["pagination"]["total"]
