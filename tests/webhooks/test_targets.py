"""What the URL of a webhook may be, and which hosts a setting allows."""

from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadbook.webhooks.targets import PUBLIC, Policy, Target, a_policy


@pytest.mark.parametrize(
    ("url", "parts", "host_header"),
    [
        ("https://hooks.example", ("https", "hooks.example", 443, "/"), "hooks.example"),
        ("http://hooks.example/a?b=c", ("http", "hooks.example", 80, "/a?b=c"), "hooks.example"),
        ("https://hooks.example?b=c", ("https", "hooks.example", 443, "/?b=c"), "hooks.example"),
        ("https://a.example:80/", ("https", "a.example", 80, "/"), "a.example:80"),
        ("http://a.example:0080/", ("http", "a.example", 80, "/"), "a.example"),
        ("http://a.example:65535/", ("http", "a.example", 65535, "/"), "a.example:65535"),
        ("HTTPS://Hooks.EXAMPLE./A/", ("https", "hooks.example", 443, "/A/"), "hooks.example"),
        (
            "https://bücher.example/ä?ö=ü",
            ("https", "xn--bcher-kva.example", 443, "/%C3%A4?%C3%B6=%C3%BC"),
            "xn--bcher-kva.example",
        ),
        (
            "https://straße.example",
            ("https", "xn--strae-oqa.example", 443, "/"),
            "xn--strae-oqa.example",
        ),
        ("https://a。example", ("https", "a.example", 443, "/"), "a.example"),
        ("https://a_b.example", ("https", "a_b.example", 443, "/"), "a_b.example"),
        ("http://[::1]", ("http", "::1", 80, "/"), "[::1]"),
        (
            "https://[2001:DB8:0:0::1]:8443/",
            ("https", "2001:db8::1", 8443, "/"),
            "[2001:db8::1]:8443",
        ),
        # Forms of 127.0.0.1, which the system may know: they are looked up like names.
        ("http://2130706433/", ("http", "2130706433", 80, "/"), "2130706433"),
        ("http://0x7F.1/", ("http", "0x7f.1", 80, "/"), "0x7f.1"),
        ("http://１２７.1/", ("http", "127.1", 80, "/"), "127.1"),
        # These belong to the receiver, and lead nowhere else.
        (
            "https://a.example/%0d%0a@b?c=%41&d=[1]|{}",
            ("https", "a.example", 443, "/%0d%0a@b?c=%41&d=[1]|{}"),
            "a.example",
        ),
        ("https://a.example//b/../c", ("https", "a.example", 443, "//b/../c"), "a.example"),
        (
            "https://a.example/?u=http://b@c",
            ("https", "a.example", 443, "/?u=http://b@c"),
            "a.example",
        ),
    ],
)
def test_url_is_taken_apart(url, parts, host_header):
    target = Target.parse(url)
    assert (target.scheme, target.host, target.port, target.path) == parts
    assert target.host_header == host_header


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("", "such as"), ("hooks.example", "such as"), ("//hooks.example", "such as"),
        ("ftp://hooks.example", "such as"), ("file:///etc/passwd", "such as"),
        ("gopher://hooks.example", "such as"), ("javascript:alert(1)", "such as"),
        ("http:hooks.example", "such as"), ("http:/hooks.example", "such as"),
        ("httpſ://hooks.example", "such as"), ("https://[::1", "such as"),
        ("https://::1/", "such as"), ("https://a.example:/", "such as"),
        ("https://a.example:x/", "such as"), ("https://a.example:-1/", "such as"),
        ("https://a.example:٨٠/", "such as"), ("https://a.example:123456/", "such as"),
        ("https://[::1]a/", "such as"), ("https://[::1]:80:90/", "such as"),
        ("https://a.example:80:90/", "such as"),
        ("https://a.example:0/", "65535"), ("https://a.example:65536/", "65535"),
        ("https://", "valid host"), ("https:///x", "valid host"), ("https://./", "valid host"),
        ("https://a..b/", "valid host"), ("https://.a/", "valid host"), ("https://a../", "valid host"),
        ("https://a%2eb/", "valid host"), ("https://a%00b/", "valid host"),
        ("https://a,b/", "valid host"), ("https://a*b/", "valid host"), ("https://℀.example", "valid host"),
        ("https://a％b/", "valid host"), ("https://b＠c/", "valid host"), ("https://a／b.example", "valid host"),
        (f"https://{'a' * 64}.example", "valid host"), (f"https://{'a.' * 126}ab", "valid host"),
        (f"https://{'ä' * 300}.example", "valid host"),
        ("https://[127.0.0.1]/", "IPv6"), ("https://[a.example]/", "IPv6"), ("https://[]/", "IPv6"),
        ("https://[v1.a]/", "IPv6"), ("https://[fe80::1%25eth0]/", "IPv6"),
        ("https://[fe80::1%eth0]/", "IPv6"), ("https://[::1%]/", "IPv6"),
        ("https://user@a.example/", "password"), ("https://user:word@a.example/", "password"),
        ("https://@a.example/", "password"), ("https://a.example@b.example/", "password"),
        ("https://a.example:80@b.example/", "password"), ("https://[::1]@b.example", "password"),
        ("https://a.example/#b", "fragment"), ("https://a.example#@b.example/", "fragment"),
        (" https://a.example", "spaces"), ("https://a.example ", "spaces"),
        ("https://a.example/b c", "spaces"), ("https://a.example/\r\nX: y", "spaces"),
        ("ht\ttps://a.example/", "spaces"), ("https://a.exam\nple/", "spaces"),
        ("https://a.example\\@b.example/", "backslashes"), ("https:\\\\a.example", "backslashes"),
        ("https://a.example/\x00", "control"), ("https://a.example/\u2028", "spaces"),
        ("https://a.example/\ud800", "control"), ("https://a\u3000b.example", "spaces"),
        ("https://a.example/" + "x" * 1983, "2,000"),
    ],
)  # fmt: skip
def test_url_that_could_lead_elsewhere_is_refused(url, reason):
    with pytest.raises(ValueError, match=reason):
        Target.parse(url)


def test_url_may_have_2000_characters():
    assert len(Target.parse("https://a.example/" + "x" * 1982).path) == 1983


@given(
    st.text()
    | st.builds(
        "{}://{}:{}/{}".format,
        st.sampled_from(["http", "https"]),
        st.text(),
        st.integers(),
        st.text(),
    )
)
def test_any_text_is_refused_or_a_request_line(url):
    try:
        target = Target.parse(url)
    except ValueError:
        return
    line = f"{target.host_header} {target.path}"
    assert line.isascii()
    assert line.isprintable()
    assert line.count(" ") == 1


def allowed(value, url, address="10.0.0.5"):
    return a_policy(value).allows(Target.parse(url), ip_address(address))


@pytest.mark.parametrize("value", ["", None, [], (), " , "])
def test_nothing_means_public_addresses(value):
    policy = a_policy(value if value is not None else "")
    assert policy == PUBLIC
    assert policy.allows(Target.parse("http://a.example"), ip_address("8.8.8.8"))
    assert not policy.allows(Target.parse("http://a.example"), ip_address("10.0.0.5"))


@pytest.mark.parametrize("value", ["any", " ANY ", ["any"]])
@pytest.mark.parametrize("address", ["127.0.0.1", "169.254.169.254", "fe80::1%eth0", "8.8.8.8"])
def test_any_means_all_addresses(value, address):
    assert allowed(value, "http://a.example", address)


@pytest.mark.parametrize(
    ("value", "url", "is_allowed"),
    [
        ("hooks.internal", "http://hooks.internal", True),
        ("Hooks.Internal.", "http://hooks.internal:8080", True),
        ("other.internal,hooks.internal", "http://HOOKS.internal./x", True),
        (["hooks.internal"], "http://hooks.internal", True),
        ("hooks.internal:8080", "http://hooks.internal:8080", True),
        ("hooks.internal:8080", "http://hooks.internal", False),
        ("hooks.internal:80", "http://hooks.internal", True),
        ("hooks.internal:80", "https://hooks.internal", False),
        ("internal", "http://hooks.internal", False),
        ("hooks.internal", "http://other.hooks.internal", False),
        ("bücher.internal", "http://xn--bcher-kva.internal", True),
        # An address is allowed, whatever name leads to it.
        ("10.0.0.5", "http://a.example:9", True),
        ("10.0.0.5:80", "http://a.example", True),
        ("10.0.0.5:80", "http://a.example:81", False),
        ("10.0.0.6", "http://a.example", False),
        ("a.example", "http://10.0.0.5", False),
    ],
)
def test_host_of_the_list_is_allowed_besides(value, url, is_allowed):
    assert allowed(value, url) is is_allowed
    assert allowed(value, url, "8.8.8.8")


@pytest.mark.parametrize("value", ["[fd00::5]", "[FD00:0:0::5]:80", "localhost,[fd00::5]"])
def test_ipv6_address_of_the_list_is_allowed_besides(value):
    assert allowed(value, "http://a.example", "fd00::5")
    assert not allowed(value, "http://a.example", "fd00::6")
    assert not allowed(value, "http://a.example", "::ffff:10.0.0.5")


@pytest.mark.parametrize(
    "value",
    [
        "any,hooks.internal", "http://hooks.internal", "hooks.internal/x", "user@hooks.internal",
        "hooks.internal:0", "hooks.internal:65536", "hooks.internal:", "*", "*.internal", "10.0.0.0/8",
        "fd00::5", "[fd00::5", "[10.0.0.5]", "[fe80::1%eth0]", "a b", 5, {"any": 1}, [1],
    ],
)  # fmt: skip
def test_list_that_says_something_else_is_refused(value):
    with pytest.raises(ValueError, match="comma-separated list of hosts"):
        a_policy(value)


@pytest.mark.parametrize("value", ["", "any", "10.0.0.5,[fd00::5]:80,hooks.internal:8080"])
def test_policy_is_shown_as_it_is_written(value):
    assert str(a_policy(value)) == value
    assert a_policy(str(a_policy(value))) == a_policy(value)
    assert isinstance(a_policy(value), Policy)
