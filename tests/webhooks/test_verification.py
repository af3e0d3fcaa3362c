"""The code of docs/events.md that verifies messages: what we sign passes, and nothing else does."""

import json
import re
import shutil
import subprocess

import pytest
from places import ROOT, TESTS

from leadbook.webhooks.signing import make_secret, signed_headers

EVENTS = (ROOT / "docs" / "events.md").read_text(encoding="utf-8")
NODE = TESTS / "node" / "webhook.mjs"
NOW = 1_779_096_600
BODY = '{"type":"lead.created","timestamp":"2026-05-18T09:30:00.000Z","data":{"name":"Ådá"}}'
SECRET, OTHER = make_secret(), make_secret()


def cases():
    """Yield what was sent, when it is read, and whether it is real."""
    headers = signed_headers("evt_1", NOW, BODY.encode(), [SECRET])
    rotated = signed_headers("evt_1", NOW, BODY.encode(), [OTHER, SECRET])
    yield "signed", headers, BODY, NOW, True
    yield "signed by the old secret too", rotated, BODY, NOW, True
    yield "a little late", headers, BODY, NOW + 299, True
    yield "too late", headers, BODY, NOW + 301, False
    yield "too early", headers, BODY, NOW - 301, False
    yield "another body", headers, BODY.replace("created", "deleted"), NOW, False
    yield "another id", headers | {"webhook-id": "evt_2"}, BODY, NOW, False
    yield "another time", headers | {"webhook-timestamp": str(NOW + 1)}, BODY, NOW, False
    by_other = signed_headers("evt_1", NOW, BODY.encode(), [OTHER])
    yield "signed by somebody else", by_other, BODY, NOW, False
    yield "no signature", headers | {"webhook-signature": "v1,"}, BODY, NOW, False
    yield (
        "another version",
        headers | {"webhook-signature": headers["webhook-signature"].replace("v1,", "v2,")},
        BODY,
        NOW,
        False,
    )


CASES = [pytest.param(*case[1:], id=case[0]) for case in cases()]


@pytest.fixture(scope="module")
def verify():
    """The function of the page."""
    [code] = [
        each for each in re.findall(r"```python\n(.*?)```", EVENTS, re.DOTALL) if "hmac" in each
    ]
    names = {}
    exec(code, names)
    return names["verify"]


@pytest.mark.parametrize(("headers", "body", "now", "is_real"), CASES)
def test_python_tells_real_messages_from_others(verify, headers, body, now, is_real):
    if is_real:
        assert verify(SECRET, headers, body.encode(), now) == json.loads(body)
    else:
        with pytest.raises(ValueError, match=r"too old|not signed"):
            verify(SECRET, headers, body.encode(), now)


def test_code_for_node_is_shown_as_it_is_run():
    assert f"```js\n{NODE.read_text(encoding='utf-8')}```\n" in EVENTS


@pytest.mark.skipif(not shutil.which("node"), reason="Node is not installed")
@pytest.mark.parametrize(("headers", "body", "now", "is_real"), CASES)
def test_node_tells_real_messages_from_others(headers, body, now, is_real):
    script = f"""
        import {{ verify }} from {json.dumps(NODE.as_uri())};
        const [secret, headers, body, now] = JSON.parse(process.argv[1]);
        console.log(JSON.stringify(verify(secret, headers, body, now)));
    """
    arguments = json.dumps([SECRET, headers, body, now])
    done = subprocess.run(
        ["node", "--input-type=module", "--eval", script, arguments],
        capture_output=True,
        text=True,
        check=False,
    )
    if is_real:
        assert json.loads(done.stdout) == json.loads(body), done.stderr
    else:
        assert done.returncode == 1
        assert "too old" in done.stderr or "not signed" in done.stderr
