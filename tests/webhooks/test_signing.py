"""Receivers verify what we sign with the library of the specification, and nothing else."""

import base64
import random
import time

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from leadbook.webhooks.signing import key_of, make_secret, signed_headers

BODY = '{"type":"lead.won","data":{"name":"Zoë 🦊"}}'.encode()


def secret_of(count, byte=b"\xfb"):
    return "whsec_" + base64.b64encode(byte * count).decode()


def now():
    return int(time.time())


@pytest.mark.parametrize(
    "secret", [make_secret(random.Random(1).randbytes), secret_of(24), secret_of(25), secret_of(64)]
)
@pytest.mark.parametrize("body", [BODY, b"{}", b'{"a":"1.2.3"}'])
def test_library_of_the_specification_verifies_it(secret, body):
    headers = signed_headers("evt_1-a", now(), body, [secret])
    Webhook(secret).verify(body, headers)


@pytest.mark.parametrize("changed", ["body", "webhook-id", "webhook-timestamp", "secret"])
def test_whatever_is_changed_it_is_refused(changed):
    secret = make_secret()
    headers = signed_headers("evt_1", now(), BODY, [secret])
    body = BODY + b" " if changed == "body" else BODY
    if changed in headers:
        headers[changed] = {"webhook-id": "evt_2", "webhook-timestamp": str(now() - 1)}[changed]
    verifier = Webhook(make_secret() if changed == "secret" else secret)
    with pytest.raises(WebhookVerificationError):
        verifier.verify(body, headers)


def test_old_and_new_secret_sign_beside_each_other():
    old, new, other = make_secret(), make_secret(), make_secret()
    headers = signed_headers("evt_1", now(), BODY, [new, old])
    assert len(headers["webhook-signature"].split(" ")) == 2
    for secret in (old, new):
        Webhook(secret).verify(BODY, headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(other).verify(BODY, headers)


def test_signature_is_that_of_the_library():
    # The example that the libraries of the specification share.
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    headers = signed_headers(
        "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}', [secret]
    )
    assert headers == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_made_secret_has_24_bytes_and_never_comes_again():
    made = {make_secret() for _ in range(100)}
    assert len(made) == 100
    assert {len(key_of(secret)) for secret in made} == {24}


def test_made_secret_is_the_same_for_the_same_seed():
    one, two = (make_secret(random.Random(7).randbytes) for _ in range(2))
    assert one == two != make_secret(random.Random(8).randbytes)


@pytest.mark.parametrize(
    "secret",
    [
        "",
        "whsec_",
        secret_of(23),
        secret_of(65),
        secret_of(24).removeprefix("whsec_"),
        secret_of(24).upper(),
        secret_of(24).replace("whsec_", "whsk_"),
        # The other alphabet, no padding, white space, and what is not ASCII.
        "whsec_" + base64.urlsafe_b64encode(b"\xfb" * 24).decode(),
        secret_of(25).rstrip("="),
        secret_of(25) + "=",
        secret_of(24) + "\n",
        " " + secret_of(24),
        secret_of(24)[:-1] + "é",
        secret_of(24)[:-1] + "\ud800",
    ],
)
def test_secret_that_other_libraries_may_read_differently_is_refused(secret):
    with pytest.raises(ValueError, match="24 to 64 bytes") as refused:
        key_of(secret)
    assert secret_of(24)[8:20] not in str(refused.value)


@pytest.mark.parametrize("webhook_id", ["", "evt.1", "evt 1", "evt\n1", "evt_1\n", "é", "e" * 101])
def test_id_that_could_be_read_as_another_is_refused(webhook_id):
    with pytest.raises(ValueError, match="webhook-id"):
        signed_headers(webhook_id, 1, b"", [make_secret()])
