"""Lists of sources, which SkyPortal gives page by page."""

import itertools
from collections.abc import Iterator, Mapping
from typing import Any

from scope.fritz.records import Source, source_of
from scope.fritz.transport import Transport

PAGE_SIZE = 500  # SkyPortal gives no more


class Listing:
    """The sources that a query finds; the first page is read at once, the others when needed.

    Attributes
    ----------
    total : how many sources there are
    n_pages : calls that reading them all takes, the first one included
    has_changed : the number of sources changed while they were read, so that one may be missing
    """

    def __init__(
        self, transport: Transport, query: Mapping[str, Any], attempts: int | None = None
    ) -> None:
        self._transport = transport
        self._attempts = attempts
        self._query = dict(query)
        self._first = self._page(1)
        self.total = int(self._first["totalMatches"])
        # As echoed: SkyPortal clips what is asked for without a word.
        self._size = int(self._first.get("numPerPage", PAGE_SIZE))
        self.n_pages = max(-(-self.total // self._size), 1)
        self.has_changed = False

    def items(self) -> Iterator[dict[str, Any]]:
        """Yield what the server says of each source, once, the last saved first.

        The page after the last is never asked for: it can be an error for SkyPortal.
        """
        # Sources saved meanwhile push others to the next page, where they would come again.
        seen: set[str] = set()
        for number in itertools.count(1):
            page = self._first if number == 1 else self._page(number)
            self.has_changed |= int(page["totalMatches"]) != self.total
            for item in page["sources"]:
                if item["id"] not in seen:
                    seen.add(item["id"])
                    yield item
            # Right after a full last page SkyPortal answers 400, not an empty page.
            if number * self._size >= int(page["totalMatches"]) or not page["sources"]:
                return

    def sources(self) -> Iterator[Source]:
        """Yield each source once, the last saved first."""
        yield from map(source_of, self.items())

    def _page(self, number: int) -> Any:
        query = {**self._query, "pageNumber": number, "numPerPage": PAGE_SIZE}
        return self._transport.call("GET", "/api/sources", query=query, attempts=self._attempts)
