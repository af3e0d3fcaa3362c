"""What may be done with a record whose e-mail address is there already.

The command line, which must start fast, needs this before it imports anything that is slow.
"""

from collections.abc import Mapping
from typing import Literal, get_args

OnDuplicate = Literal["create", "skip", "update", "reject"]
# By kind, the default first. No two active clients may share an address.
ON_DUPLICATE: Mapping[str, tuple[OnDuplicate, ...]] = {
    "leads": get_args(OnDuplicate),
    "clients": ("reject", "skip", "update"),
}
