"""Which IP addresses belong to the public internet.

Not `is_global` of `ipaddress`, which differs between versions of Python. Python 3.11.7 says True
for ::127.0.0.1, for 127.0.0.1 in 6to4 and NAT64, and for fec0::/10 and 3fff::/20.
"""

from ipaddress import IPv4Address, IPv6Address, ip_network

Address = IPv4Address | IPv6Address

# Every block of the registry of special-purpose addresses, those for one of its protocols included,
# since no receiver has such an address:
# https://www.iana.org/assignments/iana-ipv4-special-registry/iana-ipv4-special-registry.xhtml
_SPECIAL_IPV4 = (
    "0.0.0.0/8",  # this network; Linux connects 0.0.0.0 to itself
    "10.0.0.0/8",  # private
    "100.64.0.0/10",  # shared, for carriers and VPNs; Alibaba's metadata is 100.100.100.200
    "127.0.0.0/8",  # loopback
    "169.254.0.0/16",  # link-local; the metadata of most clouds is 169.254.169.254
    "172.16.0.0/12",  # private
    "192.0.0.0/24",  # IETF protocols; Oracle's metadata was 192.0.0.192
    "192.0.2.0/24",  # documentation
    "192.31.196.0/24",  # AS112, a sink for lookups of private addresses
    "192.52.193.0/24",  # multicast tunnels (AMT)
    "192.88.99.0/24",  # relays of 6to4
    "192.168.0.0/16",  # private
    "192.175.48.0/24",  # AS112
    "198.18.0.0/15",  # benchmarks
    "198.51.100.0/24",  # documentation
    "203.0.113.0/24",  # documentation
    "240.0.0.0/4",  # reserved, and broadcast
    # Not in that registry:
    "224.0.0.0/4",  # https://www.iana.org/assignments/multicast-addresses
    # A public address by which Azure's machines reach their host:
    # https://learn.microsoft.com/en-us/azure/virtual-network/what-is-ip-address-168-63-129-16
    "168.63.129.16/32",
)
# All that is assigned to hosts: https://www.iana.org/assignments/ipv6-address-space
# Outside are loopback, unique local (with the metadata fd00:ec2::254 of AWS), link-local,
# site-local and multicast addresses, and IPv4 addresses in other forms (::a.b.c.d, ::ffff:a.b.c.d).
_UNICAST = ip_network("2000::/3")
# https://www.iana.org/assignments/iana-ipv6-special-registry/iana-ipv6-special-registry.xhtml
_SPECIAL_IPV6 = (
    "2001::/23",  # IETF protocols: Teredo, benchmarks, ORCHID and others
    "2001:db8::/32",  # documentation
    "2002::/16",  # 6to4, which leads to the IPv4 address in it
    "2620:4f:8000::/48",  # AS112
    "3fff::/20",  # documentation
)
# A network without IPv4 shows each IPv4 address under this prefix, so the public ones must work.
# The local 64:ff9b:1::/48 has them at several places, and leads into somebody's network:
# https://www.rfc-editor.org/rfc/rfc8215#section-5
_NAT64 = ip_network("64:ff9b::/96")
_IPV4_BITS = 0xFFFF_FFFF

_FORBIDDEN = [ip_network(each) for each in (*_SPECIAL_IPV4, *_SPECIAL_IPV6)]


def is_public(address: Address) -> bool:
    """Return whether an address leads to the public internet, and to nothing that is near."""
    if isinstance(address, IPv6Address):
        if address.scope_id:
            return False
        if address in _NAT64:
            return is_public(IPv4Address(int(address) & _IPV4_BITS))
        if address not in _UNICAST:
            return False
    return not any(address in network for network in _FORBIDDEN)
