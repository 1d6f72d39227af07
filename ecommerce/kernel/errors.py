"""The refusals that may cross a module's border, and become RFC 9457 problems at the API. Imports no Django."""

from typing import Any, ClassVar


class ServiceError(Exception):
    """The request could not be carried out."""

    # A subclass is one refusal: its name is the phrase, its docstring the message, its code the stable machine-readable
    # name that clients switch on. `details` holds plain JSON values: it must survive the way over the wire.
    code: ClassVar[str] = "error"
    status: ClassVar[int] = 500

    def __init__(self, detail: str | None = None, **details: Any) -> None:
        self.detail = detail or (type(self).__doc__ or "").strip().splitlines()[0]
        self.details = details
        super().__init__(self.detail)


class Invalid(ServiceError):
    """The request is not valid."""

    code = "invalid"
    status = 400


class Forbidden(ServiceError):
    """The caller may not do this."""

    code = "forbidden"
    status = 403


class NotFound(ServiceError):
    """There is no such thing."""

    code = "not_found"
    status = 404


class Conflict(ServiceError):
    """The request conflicts with the present state."""

    code = "conflict"
    status = 409


class PreconditionFailed(ServiceError):
    """It was changed since you read it: read it again."""

    # details: version (what it is at now)
    code = "precondition_failed"
    status = 412


class Unavailable(ServiceError):
    """A service that is needed for this does not answer; the outcome is unknown, repeat with the same id."""

    # details may hold `dependency` (its name) and `retry_after` (seconds).
    code = "unavailable"
    status = 503


KINDS: tuple[type[ServiceError], ...] = (Invalid, Forbidden, NotFound, Conflict, Unavailable)


class Refused(ServiceError):
    """A refusal that was kept, raised again with the code and status it had."""

    def __init__(self, kept: dict[str, Any]) -> None:
        super().__init__(kept["detail"], **kept["details"])
        # The instance is what the handlers read; each kept refusal has its own.
        self.code, self.status = kept["code"], kept["status"]  # type: ignore[misc]  # a class variable elsewhere

    @staticmethod
    def keep(refusal: ServiceError) -> dict[str, Any]:
        """A refusal as plain values, for a JSON column."""
        return {
            "code": refusal.code,
            "status": refusal.status,
            "detail": refusal.detail,
            "details": refusal.details,
        }
