"""Routes that are compiled once for all apps of the process.

Each of a thousand tests has its own app with the same routes. To compile them took more than half
the time of `create_app`.
"""

from typing import Any

from flask import Flask
from werkzeug.routing import Rule

_compiled: dict[tuple[Any, ...], dict[str, Any]] = {}
# What a rule is bound to and says by itself; the rest of it follows from what `_key` has.
_OWN = {"map", "methods", "endpoint", "provide_automatic_options"}


class SharedRule(Rule):
    """A rule that takes over what an equal one has compiled."""

    def compile(self) -> None:
        """Compile the rule, or take over what an equal one has."""
        key = self._key()
        if key not in _compiled:
            super().compile()
            _compiled[key] = {k: v for k, v in vars(self).items() if k not in _OWN}
        vars(self).update(_compiled[key])

    def _key(self) -> tuple[Any, ...]:
        # A converter is made for a rule, from its class in the map.
        converters = frozenset(self.map.converters.items())
        flags = self.merge_slashes, self.strict_slashes, self.map.host_matching
        defaults = repr(self.defaults)
        told = self.build_only, self.alias, self.websocket, self.redirect_to
        return self.rule, self.host, self.subdomain, defaults, converters, *flags, *told


def share_compiled_rules() -> None:
    """Let all apps of this process share them."""
    Flask.url_rule_class = SharedRule
