"""Apps that share compiled routes answer as others."""

from flask import Flask
from werkzeug.routing import Rule

from leadbook.app import create_app


def _app(path):
    return create_app({"DATABASE": path, "METRICS": "on"})


def test_shared_routes_match_and_build_as_others(tmp_path, monkeypatch):
    monkeypatch.setattr(Flask, "url_rule_class", Rule)
    plain = _app(tmp_path / "plain.db")
    monkeypatch.undo()
    _app(tmp_path / "first.db").extensions["leadbook"].close()
    shared = _app(tmp_path / "second.db")
    try:
        _assert_same(plain, shared)
    finally:
        plain.extensions["leadbook"].close()
        shared.extensions["leadbook"].close()


def _assert_same(plain, shared):
    plain_rules, shared_rules = (list(app.url_map.iter_rules()) for app in (plain, shared))
    assert len(plain_rules) > 30
    assert [type(each) for each in plain_rules] != [type(each) for each in shared_rules]
    theirs, ours = (app.url_map.bind("localhost") for app in (plain, shared))
    for rule, other in zip(plain_rules, shared_rules, strict=True):
        assert (rule.rule, rule.endpoint, rule.methods) == (
            other.rule,
            other.endpoint,
            other.methods,
        )
        assert rule.arguments == other.arguments
        values = dict.fromkeys(rule.arguments, "0190c1a2b3c47d5e8f90123456789abc")
        for more in ({}, {"q": "ä b"}):
            path = theirs.build(rule.endpoint, values | more)
            assert ours.build(rule.endpoint, values | more) == path
        path = theirs.build(rule.endpoint, values)
        for method in rule.methods:
            assert ours.match(path, method) == theirs.match(path, method)
