"""The rate limit, its headers, and who counts as one caller."""

import pytest
from waiting import wait_out_midnight

from leadbook.access.keys import create_key
from leadbook.access.rate_limit import Rate, RateLimiter
from leadbook.app import create_app
from leadbook.storage.clock import Clock
from leadbook.testing.app import create_test_app

START = 1_767_225_600_000


@pytest.fixture
def time():
    return [START + 15_000]


@pytest.fixture
def limited(tmp_path, time):
    apps = []

    def make(**config):
        config = {"DATABASE": tmp_path / "leadbook.db", "RATE_LIMIT": "3/minute"} | config
        apps.append(create_app(config, Clock(lambda: time[0])))
        return apps[-1].test_client()

    yield make
    for app in apps:
        app.extensions["leadbook"].close()


def standing(answer):
    names = ("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset")
    return tuple(int(answer.headers[name]) for name in names)


def test_every_answer_says_how_it_stands(limited):
    client = limited()
    end = START // 1000 + 60
    assert standing(client.get("/leads")) == (3, 2, end)
    assert standing(client.get("/nope")) == (3, 1, end)
    assert standing(client.get("/docs", buffered=True)) == (3, 0, end)


def test_too_many_are_told_when_to_come_back(limited, time):
    client = limited()
    for _ in range(3):
        assert client.get("/leads").status_code == 200
    answer = client.post("/leads", data="x" * 300_000)
    assert (answer.status_code, answer.json["error"]["code"]) == (429, "RATE_LIMITED")
    assert answer.headers["Retry-After"] == "45"
    assert standing(answer) == (3, 0, START // 1000 + 60)
    time[0] += 45_000 - 1
    assert client.get("/leads").headers["Retry-After"] == "1"
    time[0] += 1
    assert standing(client.get("/leads")) == (3, 2, START // 1000 + 120)


def test_addresses_are_counted_one_by_one(limited):
    client = limited()

    def remaining(address):
        return standing(client.get("/leads", environ_overrides={"REMOTE_ADDR": address}))[1]

    assert [remaining(each) for each in ("10.0.0.1", "10.0.0.1", "10.0.0.2")] == [2, 1, 2]
    # A household or a rented server has a whole /64.
    assert [remaining(each) for each in ("2001:db8::1", "2001:db8::ffff", "2001:db8:0:1::1")] == [
        2,
        1,
        2,
    ]
    # A socket for both kinds shows IPv4 as part of one /64.
    mapped = ["::ffff:10.0.0.3", "::ffff:10.0.0.4", "10.0.0.3"]
    assert [remaining(each) for each in mapped] == [2, 2, 1]
    assert remaining("") == 2


def test_keys_are_counted_one_by_one_wherever_they_come_from(limited):
    client = limited()
    database = client.application.extensions["leadbook"]
    with database.use(), database.write():
        tokens = [create_key(name, "write", None) for name in "ab"]

    def remaining(token, address):
        headers = {"Authorization": f"Bearer {token}"}
        answer = client.get("/leads", headers=headers, environ_overrides={"REMOTE_ADDR": address})
        return standing(answer)[1]

    assert remaining(tokens[0], "10.0.0.1") == 2
    assert remaining(tokens[0], "10.0.0.2") == 1
    assert remaining(tokens[1], "10.0.0.1") == 2
    answer = client.get("/leads", headers={"Authorization": "Bearer wrong"})
    assert (answer.status_code, standing(answer)[0]) == (401, 3)


def test_host_and_prefix_of_a_caller_are_not_believed(limited):
    client = limited(PROXY_HOPS=1, TRUSTED_HOSTS="crm.example", RATE_LIMIT=None)
    headers = {"Host": "evil.test", "X-Forwarded-Host": "crm.example"}
    answer = client.get("/leads", headers=headers)
    assert (answer.status_code, answer.json["error"]["code"]) == (400, "UNTRUSTED_HOST")
    headers = {"Host": "crm.example", "X-Forwarded-Prefix": "//evil.test"}
    made = client.post("/leads", json={"name": "A", "email": "a@b.test"}, headers=headers)
    assert made.headers["Location"].startswith("/leads/")


def test_what_is_refused_is_limited_beside_the_good_requests(limited):
    client = limited(TRUSTED_HOSTS="localhost")
    database = client.application.extensions["leadbook"]
    with database.use(), database.write():
        good, reader = (
            {"Authorization": f"Bearer {create_key(scope, scope, None)}"}
            for scope in ("write", "read")
        )
    refused = [
        client.get("/leads", headers={"Authorization": "Bearer wrong"}),
        client.post("/leads", json={}, headers=reader),
        client.get("/leads", headers=good | {"Host": "evil.test"}),
        client.post("/leads", json={}, headers=good | {"Origin": "https://evil.test"}),
        client.get("/leads"),
        client.get("/nothing"),
    ]
    assert [each.status_code for each in refused] == [401, 403, 400, 429, 429, 429]
    assert [standing(each)[:2] for each in refused] == [(3, left) for left in (2, 1, 0, 0, 0, 0)]
    assert refused[-1].headers["Retry-After"] == "45"
    assert client.get("/leads", headers=good | {"Host": "evil.test"}).status_code == 429
    assert client.post("/leads", json={}, headers=reader).status_code == 429
    assert client.get("/leads", environ_overrides={"REMOTE_ADDR": "10.0.0.1"}).status_code == 401
    # Nobody else behind that address has to wait, nor is anybody let through.
    for left in (2, 1, 0):
        assert standing(client.get("/leads", headers=good))[1] == left
    assert client.get("/leads", headers=good).status_code == 429
    assert client.get("/leads", headers=reader).status_code == 200


def message(answer):
    assert answer.status_code == 429
    return answer.json["error"]["message"].removesuffix(
        " The Retry-After header says when to try again."
    )


def test_429_says_which_bucket_is_full_and_its_limit(limited):
    client = limited(RATE_LIMIT="1/minute", TRUSTED_HOSTS="localhost")
    evil = {"Host": "evil.test"}
    client.get("/leads")
    of_address = "Too many requests from this address; the limit is 1/minute."
    assert message(client.get("/leads")) == of_address
    client.get("/leads", headers=evil)
    of_refused = "Too many requests from this address were refused; the limit is 1/minute."
    assert message(client.get("/leads", headers=evil)) == of_refused
    with client.application.extensions["leadbook"].use() as database, database.write():
        key = {"Authorization": f"Bearer {create_key('page', 'write', None)}"}
    client.get("/leads", headers=key)
    of_key = "Too many requests with this key; the limit is 1/minute."
    assert message(client.get("/leads", headers=key)) == of_key


def test_rate_is_written_as_it_is_read():
    for text in ("1/second", "500/minute", "10000/hour", "5/day"):
        assert str(Rate.parse(text)) == text


def test_requests_that_go_well_do_not_use_up_what_may_be_refused(limited):
    client = limited(TRUSTED_HOSTS="localhost")
    for _ in range(4):
        last = client.get("/leads")
    assert (last.status_code, standing(last)[1]) == (429, 0)
    refused = client.get("/leads", headers={"Host": "evil.test"})
    assert (refused.status_code, standing(refused)[1]) == (400, 2)


@pytest.mark.parametrize("path", ["/health", "/health/live", "/v1/health/ready"])
def test_health_goes_on_where_everything_else_is_limited(limited, path):
    client = limited(TRUSTED_HOSTS="localhost")
    evil = {"Host": "evil.test"}
    for _ in range(4):
        client.get("/leads")
        client.get("/leads", headers=evil)
    assert client.get("/leads").status_code == 429
    assert client.get("/leads", headers=evil).status_code == 429
    for _ in range(5):
        assert client.get(path).status_code == 200
        assert client.head(path).status_code == 200
        assert client.get(path, headers=evil).status_code == 200
    assert client.options("/leads", headers={"Origin": "https://app.example"}).status_code == 200


def test_health_and_preflights_are_never_limited(limited):
    client = limited(CORS_ORIGINS="https://app.example")
    preflight = {"Origin": "https://app.example", "Access-Control-Request-Method": "POST"}
    for _ in range(4):
        for path in ("/health", "/health/live", "/health/ready", "/v1/health"):
            answer = client.get(path)
            assert (answer.status_code, standing(answer)[1]) == (200, 3)
        answer = client.options("/leads", headers=preflight)
        assert (answer.status_code, standing(answer)[1]) == (200, 3)
    assert [client.get("/leads").status_code for _ in range(4)] == [200, 200, 200, 429]
    assert client.get("/health").status_code == 200


def test_wrong_key_counts_for_its_address(limited):
    client = limited()
    database = client.application.extensions["leadbook"]
    with database.use(), database.write():
        create_key("a", "write", None)
    answers = [client.get("/leads", headers={"Authorization": "Bearer x"}) for _ in range(3)]
    assert [(each.status_code, standing(each)[1]) for each in answers] == [
        (401, 2),
        (401, 1),
        (401, 0),
    ]


def test_no_limit_no_headers(client):
    assert "X-RateLimit" not in str(client.get("/leads").headers)


@pytest.mark.parametrize(("hops", "counted"), [(0, [2, 1, 0]), (1, [2, 2, 1]), (2, [2, 1, 2])])
def test_forwarded_addresses_are_believed_for_so_many_hops(limited, hops, counted):
    client = limited(PROXY_HOPS=hops)
    chains = ["10.6.6.6, 10.1.1.1", "10.6.6.6, 10.2.2.2", "10.7.7.7, 10.2.2.2"]
    answers = [client.get("/leads", headers={"X-Forwarded-For": chain}) for chain in chains]
    assert [standing(answer)[1] for answer in answers] == counted


@pytest.mark.parametrize(
    "of_caller", ["", '"', '"x, ', '\\"', 'x", ', '"10.9.9.9", ', ",,", "unknown, "]
)
def test_caller_cannot_hide_behind_what_it_forwards(limited, of_caller):
    client = limited(PROXY_HOPS=1)
    # As a proxy adds its caller, with or without the port.
    seen = ["10.1.1.1", f"{of_caller}, 10.1.1.1", f"{of_caller}, 10.1.1.1:1234"]
    answers = [client.get("/leads", headers={"X-Forwarded-For": each}) for each in seen]
    assert [standing(answer)[1] for answer in answers] == [2, 1, 0]


def test_proxy_with_an_open_quote_does_not_lead_to_test_mode(tmp_path):
    app = create_test_app({"DATABASE": tmp_path / "test.db", "PROXY_HOPS": 1})
    client = app.test_client()
    for of_caller in ("", '"', '"127.0.0.1", "'):
        headers = {"X-Forwarded-For": f"{of_caller}, 8.8.8.8".removeprefix(", ")}
        assert client.post("/_test/reset", headers=headers).status_code == 403
    assert client.post("/_test/reset").status_code == 204
    app.extensions["leadbook"].close()


def test_reset_of_test_mode_forgets_what_was_refused_too(tmp_path):
    config = {"DATABASE": tmp_path / "test.db", "RATE_LIMIT": "1/day"}
    app = create_test_app(config, api_key="good")
    client, good = app.test_client(), {"Authorization": "Bearer good"}
    for _ in range(2):
        statuses = [client.get("/leads", headers=each).status_code for each in ({}, good)] * 2
        assert [client.get("/leads", headers=each).status_code for each in ({}, good)] == [429] * 2
        assert statuses == [401, 200] * 2
        assert client.post("/_test/reset", headers=good).status_code == 204
    app.extensions["leadbook"].close()


def test_real_server_believes_its_proxy_only_when_told(start_server, tmp_path):
    wait_out_midnight()
    for hops, expected in (("0", 429), ("1", 200)):
        server = start_server(
            "--database",
            str(tmp_path / f"{hops}.db"),
            "--rate-limit",
            "2/day",
            "--proxy-hops",
            hops,
        )
        for number in range(3):
            headers = {"X-Forwarded-For": f"10.0.0.{number}"}
            status, _ = server.request("GET", "/leads", headers=headers)
        assert status == expected


@pytest.mark.parametrize("requests_of_each", [1, 3])
def test_ten_thousand_others_free_nobody_and_limit_nobody(requests_of_each):
    limiter = RateLimiter(Rate(3, 60_000), Clock(lambda: START))
    for _ in range(3):
        limiter.count("exhausted")
    limiter.count("has sent one")
    for number in range(10_000):
        for _ in range(requests_of_each):
            limiter.count(f"10.0.{number // 256}.{number % 256}")
    assert limiter.count("exhausted").is_exceeded
    assert limiter.look("has sent one").remaining == 2
    assert {limiter.look(f"new {number}").remaining for number in range(100)} == {3}


def test_exhausted_identity_can_be_counted_for_ever():
    limiter = RateLimiter(Rate(1, 86_400_000), Clock(lambda: START))
    assert [limiter.count("a").is_exceeded for _ in range(5)] == [False, True, True, True, True]
    highest = RateLimiter(Rate.parse("999999999/day"), Clock(lambda: START))
    assert highest.count("a").remaining == 999_999_998


def test_rate_limit_forgets_all_counts():
    limiter = RateLimiter(Rate(3, 60_000), Clock(lambda: START))
    assert limiter.look("a").remaining == 3
    limiter.count("a")
    limiter.forget()
    assert limiter.look("a").remaining == 3
