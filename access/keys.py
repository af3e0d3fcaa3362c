"""API keys: who may call, and what each key may do."""

import hashlib
import hmac
import secrets
from datetime import timedelta
from typing import Any

import peewee

from leadbook.access.scopes import ADMIN
from leadbook.storage.database import current

# A fixed prefix lets people search for leaked keys in code and logs.
PREFIX = "leadbook_"


class KeyNameError(ValueError):
    """A key with this name exists, or does not exist; the message says which."""


class ApiKey(peewee.Model):
    """A key, stored as its SHA-256. Rows are never deleted: revoking must not open the API."""

    name = peewee.TextField(primary_key=True)
    hash = peewee.TextField(unique=True)
    scope = peewee.TextField()
    created_at = peewee.TextField()
    expires_at = peewee.TextField(null=True)
    revoked_at = peewee.TextField(null=True)

    class Meta:
        database = current
        table_name = "api_keys"

    @property
    def state(self) -> str:
        """`active`, `expired` or `revoked`."""
        if self.revoked_at:
            return "revoked"
        is_over = self.expires_at is not None and self.expires_at <= current.clock.now()
        return "expired" if is_over else "active"


def create_key(name: str, scope: str, lifetime: timedelta | None) -> str:
    """Store a new key and return it; it cannot be shown again. Raises KeyNameError."""
    token = PREFIX + secrets.token_urlsafe(32)
    store_key(name, token, scope, lifetime)
    return token


def store_key(name: str, token: str, scope: str, lifetime: timedelta | None) -> None:
    """Store `token` as a valid key. Raises KeyNameError."""
    current.require_write()
    if ApiKey.get_or_none(ApiKey.name == name):
        raise KeyNameError(f"There is already a key {name!r}.")
    ApiKey.insert(
        name=name,
        hash=_hash(token),
        scope=scope,
        created_at=current.now,
        expires_at=current.clock.after(lifetime) if lifetime else None,
    ).execute()


def replace_key(name: str, token: str | None) -> None:
    """Delete the key `name`, and store `token` under this name if it is given."""
    with current.write():
        ApiKey.delete().where(ApiKey.name == name).execute()
        if token:
            store_key(name, token, ADMIN, None)


def list_keys() -> list[ApiKey]:
    """Return all keys by name, revoked and expired ones included."""
    return list(ApiKey.select().order_by(ApiKey.name))


def revoke_key(name: str) -> None:
    """Revoke the key; it stops working with the next request. Raises KeyNameError."""
    current.require_write()
    key = ApiKey.get_or_none(ApiKey.name == name)
    if key is None:
        raise KeyNameError(f"There is no key {name!r}.")
    if not key.revoked_at:
        ApiKey.update(revoked_at=current.now).where(ApiKey.name == name).execute()


def is_open() -> bool:
    """Return whether no key was ever created; only then everybody may call."""
    # Plain SQL, since every request runs it: building the query with peewee costs 100 µs.
    return current.execute_sql("SELECT 1 FROM api_keys LIMIT 1").fetchone() is None


def find_key(token: str) -> ApiKey | None:
    """Return the key, or None if it is unknown, revoked or expired."""
    digest = _hash(token)
    sql = "SELECT name, hash, scope, expires_at, revoked_at FROM api_keys WHERE hash = ?"
    row: Any = current.execute_sql(sql, (digest,)).fetchone()
    if row is None or not hmac.compare_digest(row[1], digest):
        return None
    columns = ("name", "hash", "scope", "expires_at", "revoked_at")
    key = ApiKey(**dict(zip(columns, row, strict=True)))
    return key if key.state == "active" else None


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
