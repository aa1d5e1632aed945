"""Circuit breaker: while a service is down, calls fail at once instead of waiting for its timeout."""

import time
from collections.abc import Callable
from typing import Any


class CircuitOpenError(ConnectionError):
    """Call that was skipped because the service has just failed."""


class CircuitBreaker:
    """State of one service in this process.

    An error of one of the types opens the circuit for `pause` seconds. Then one call tries the service again, while the calls
    of other threads still fail at once.
    """

    def __init__(self, name: str, *errors: type[Exception], pause: float) -> None:
        self.name, self.errors, self.pause = name, errors, pause
        self._open_until = 0.0

    @property
    def is_open(self) -> bool:
        return time.monotonic() < self._open_until

    def reset(self) -> None:
        self._open_until = 0.0

    def trip(self) -> None:
        """Open the circuit."""
        self._open_until = time.monotonic() + self.pause

    def check(self) -> None:
        """Raise CircuitOpenError while the circuit is open. Otherwise, the caller makes the trial call."""
        if self.is_open:
            raise CircuitOpenError(f"{self.name} does not respond. The next attempt is in {self.pause:.0f} seconds.")
        if self._open_until:
            self.trip()

    def call(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Call the function. Raises its errors, and CircuitOpenError while the circuit is open."""
        self.check()
        try:
            result = function(*args, **kwargs)
        except self.errors:
            self.trip()
            raise
        self.reset()
        return result
