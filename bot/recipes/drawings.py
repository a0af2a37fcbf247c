"""Pictures that were drawn lately, so that none is drawn anew as long as nothing that it shows has changed."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock

MOST = 64  # pictures, of some 60 kB each


class Drawings:
    """Keeps the last `MOST`, each by everything that it shows: what changes is drawn, whoever changed it."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Hashable, bytes] = OrderedDict()
        self._lock = Lock()  # several files are made at once

    def drawn(self, shown: Hashable, draw: Callable[[], bytes]) -> bytes:
        """The picture of what is `shown`."""
        with self._lock:
            found = self._kept.get(shown)
            if found is not None:
                self._kept.move_to_end(shown)
                return found
        picture = draw()
        with self._lock:
            self._kept[shown] = picture
            while len(self._kept) > MOST:
                self._kept.popitem(last=False)
        return picture
