"""Secrets and signatures of webhooks, as the Standard Webhooks specification 1.0.0 has them.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

import base64
import binascii
import hashlib
import hmac
import re
import secrets
from collections.abc import Callable, Iterable

PREFIX = "whsec_"
_MADE_BYTES = 24
_FEWEST_BYTES, _MOST_BYTES = 24, 64
# Without a dot. The signed text joins id, time and body with dots, so an id with one could stand
# for a shorter id with another time.
_ID = re.compile(r"[A-Za-z0-9_-]{1,100}")


def make_secret(random_bytes: Callable[[int], bytes] = secrets.token_bytes) -> str:
    """Return a new secret. Test mode passes `randbytes` of its own source."""
    return PREFIX + base64.b64encode(random_bytes(_MADE_BYTES)).decode()


def key_of(secret: str) -> bytes:
    """Return the key that a secret stands for. Raises ValueError."""
    if secret.startswith(PREFIX):
        try:
            # Strict, as libraries disagree about characters that are not base64.
            key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
        except (binascii.Error, ValueError):
            key = b""
        if _FEWEST_BYTES <= len(key) <= _MOST_BYTES:
            return key
    # Without the value, which is a secret.
    raise ValueError(
        f"{PREFIX} and the base64 of {_FEWEST_BYTES} to {_MOST_BYTES} bytes, which are random"
    )


def signed_headers(
    webhook_id: str, seconds: int, body: bytes, with_secrets: Iterable[str]
) -> dict[str, str]:
    """Return the headers that prove who sent `body`, with one signature for each secret.

    `webhook_id` is the same at each try; `seconds` is the time of this try since the Unix epoch.
    Raises ValueError for an id or a secret that is not valid.
    """
    if not _ID.fullmatch(webhook_id):
        raise ValueError(f"A webhook-id has letters, digits, - and _ only, not {webhook_id!r}.")
    content = b"%b.%d.%b" % (webhook_id.encode(), seconds, body)
    return {
        "webhook-id": webhook_id,
        "webhook-timestamp": str(seconds),
        "webhook-signature": " ".join(_signature(key_of(each), content) for each in with_secrets),
    }


def _signature(key: bytes, content: bytes) -> str:
    return "v1," + base64.b64encode(hmac.digest(key, content, hashlib.sha256)).decode()
