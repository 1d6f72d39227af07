"""What every channel answers."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """The provider took the message; `provider_id` is its own name for it, where it has one."""

    provider_id: str = ""


class NotWantedAnyMore(Exception):
    """What the message is for has been done already, or is gone; or its recipient is not written to (`code`)."""

    def __init__(self, code: str = "not_wanted") -> None:
        super().__init__(code)
        self.code = code


class NotSent(Exception):
    """The provider did not take the message; `permanent` when trying again is in vain."""

    def __init__(self, *, code: str, permanent: bool, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code, self.permanent, self.detail = code, permanent, detail
