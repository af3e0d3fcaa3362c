"""Public addresses are public, and every special one is not, with its first and its last address."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadbook.webhooks.networks import is_public

# The registries of 2025, in their order:
# https://www.iana.org/assignments/iana-ipv4-special-registry/iana-ipv4-special-registry.xhtml
# https://www.iana.org/assignments/iana-ipv6-special-registry/iana-ipv6-special-registry.xhtml
REGISTERED = """
0.0.0.0/8 0.0.0.0/32 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12
192.0.0.0/24 192.0.0.0/29 192.0.0.8/32 192.0.0.9/32 192.0.0.10/32 192.0.0.170/32 192.0.0.171/32
192.0.2.0/24 192.31.196.0/24 192.52.193.0/24 192.88.99.0/24 192.168.0.0/16 192.175.48.0/24
198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 240.0.0.0/4 255.255.255.255/32
::1/128 ::/128 ::ffff:0:0/96 64:ff9b:1::/48 100::/64 100:0:0:1::/64 2001::/23 2001::/32
2001:1::1/128 2001:1::2/128 2001:1::3/128 2001:2::/48 2001:3::/32 2001:4:112::/48 2001:10::/28
2001:20::/28 2001:30::/28 2001:db8::/32 2002::/16 2620:4f:8000::/48 3fff::/20 5f00::/16 fc00::/7
fe80::/10
""".split()
# Multicast, what was site-local, IPv4 in IPv6 form, and what is not assigned at all.
OTHERS = """
224.0.0.0/4 ff00::/8 fec0::/10 ::/96 ::ffff:0:0:0/96 64:ff9b::7f00:0/104 64:ff9b::a00:0/104
64:ff9b::a9fe:0/112 64:ff9b::e000:0/100 4000::/3 8000::/1
""".split()
METADATA = """
169.254.169.254 169.254.170.2 100.100.100.200 192.0.0.192 168.63.129.16 fd00:ec2::254 fd20:ce::254
64:ff9b::a9fe:a9fe ::ffff:169.254.169.254 2002:a9fe:a9fe::1
""".split()
PUBLIC = """
1.0.0.0 8.8.8.8 9.255.255.255 11.0.0.0 100.63.255.255 100.128.0.0 126.255.255.255 128.0.0.0
169.253.255.255 169.255.0.0 172.15.255.255 172.32.0.0 191.255.255.255 192.0.1.0 192.0.3.0
192.167.255.255 192.169.0.0 198.17.255.255 198.20.0.0 198.51.99.255 198.51.101.0 203.0.112.255
203.0.114.0 223.255.255.255 168.63.129.15 168.63.129.17
2001:200:: 2001:4860:4860::8888 2001:db7:ffff:: 2001:db9:: 2003:: 2606:4700::1111 2620:4f:8001::
3ffe:ffff:: 3fff:1000:: 2000:: 64:ff9b::808:808
""".split()


@pytest.mark.parametrize("block", REGISTERED + OTHERS)
def test_special_block_is_not_public(block):
    network = ip_network(block)
    middle = network[network.num_addresses // 2]
    assert not any(map(is_public, (network[0], middle, network[-1])))


@pytest.mark.parametrize("address", METADATA)
def test_metadata_of_a_cloud_is_not_public(address):
    assert not is_public(ip_address(address))


@pytest.mark.parametrize("address", PUBLIC)
def test_address_beside_a_special_block_is_public(address):
    assert is_public(ip_address(address))


@pytest.mark.parametrize("address", ["2606:4700::1111%1", "fe80::1%eth0", "2606:4700::1111%lo"])
def test_address_with_a_zone_is_not_public(address):
    assert not is_public(ip_address(address))


@given(st.ip_addresses(v=4) | st.ip_addresses(v=6))
def test_what_python_does_not_take_for_global_is_not_public(address):
    assert address.is_global or not is_public(address)
    assert not (is_public(address) and address.is_multicast)


@given(st.ip_addresses(v=4))
def test_ipv4_address_within_another_is_never_more_public(address):
    number = int(address)
    within = [f"::{address}", f"::ffff:{address}", f"64:ff9b::{address}", f"64:ff9b:1::{address}"]
    forms = [*map(IPv6Address, within), IPv6Address((0x2002 << 112) | number << 80)]
    assert [is_public(form) for form in forms] == [False, False, is_public(address), False, False]
    assert is_public(IPv4Address(number)) == is_public(address)
