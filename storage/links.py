"""What the links of a record to those that it belongs to must be."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from leadbook.storage.naming import name_of
from leadbook.storage.refusals import WrongFieldError

# Returns the record that a link names by its id, or None.
Find = Callable[[str, Any], Any]


class Linked:
    """A record with links, which are columns."""

    schema: ClassVar[Any]
    # The columns with the id of a record that it belongs to, and the kind of that record. Whether
    # it can be without any.
    links: ClassVar[dict[str, Any]] = {}
    is_independent: ClassVar[bool] = True
    # The columns of those records that the rules read.
    link_reads: ClassVar[dict[str, tuple[str, ...]]] = {}
    # The columns with texts in which people may be named, and those with an address of one.
    says: ClassVar[tuple[str, ...]] = ()
    addresses: ClassVar[tuple[str, ...]] = ()

    @classmethod
    def linked(cls, values: Mapping[str, Any], find: Find) -> Mapping[str, Any]:
        """Return `values` with the links that follow from each other. Raises WrongFieldError."""
        for link in cls.links:
            if values.get(link) is not None:
                cls.require_linked(link, values[link], find)
        if cls.links and not (cls.is_independent or any(map(values.get, cls.links))):
            raise WrongFieldError("Must not be empty.", cls._key_of(next(iter(cls.links))))
        return values

    @classmethod
    def require_linked(cls, link: str, id: Any, find: Find) -> Any:
        """Return the record that a link names. Raises WrongFieldError."""
        if found := find(link, id):
            return found
        message = f"No {name_of(cls.links[link])} has this id."
        raise WrongFieldError(message, cls._key_of(link))

    @classmethod
    def require_open_links(cls, values: Mapping[str, Any], find: Find) -> None:
        """Raise a Refusal if nothing new may belong to the records that `values` link to."""

    def belongs_elsewhere(self, link: str) -> bool:
        """Return whether the record also belongs to another one than that of `link`."""
        return any(getattr(self, other) for other in self.links if other != link)

    def lose(self: Any, _owner: Any, link: str) -> None:
        """Go with the record that is erased, unless this one belongs to another one, too."""
        if self.belongs_elsewhere(link):
            self.unlink(link)
        else:
            self.delete_for_good()

    def unlink(self: Any, link: str) -> None:
        """Remove the link to a record that is gone; without any other, this one may go, too."""
        if self.is_independent or self.belongs_elsewhere(link):
            without = {name: None for name, other in self.depends.items() if other == link}
            self.update_columns({link: None, **without})
        else:
            self.delete_for_good()

    @classmethod
    def _key_of(cls, link: str) -> str:
        return str(cls.schema().fields[link].data_key)
