"""What an authenticator app does, and switching a second factor on with it."""

from dataclasses import dataclass, field

import pyotp

from ecommerce.kernel import clock
from modules.users.logic import enrolment
from modules.users.models import User
from modules.users.tests.factories import PASSWORD


@dataclass
class Authenticator:
    """An app that holds one secret; `recovery_codes` is the paper beside it."""

    secret: str
    recovery_codes: list[str] = field(default_factory=list)

    def code(self, *, steps: int = 0) -> str:
        """The code that is shown now, or so many steps of half a minute later."""
        return pyotp.TOTP(self.secret).at(clock.now(), counter_offset=steps)

    def wrong_code(self) -> str:
        """Six digits that are right neither now nor soon."""
        right = {self.code(steps=steps) for steps in range(-3, 4)}
        return next(code for code in (f"{number:06}" for number in range(8)) if code not in right)


def offered(user: User, network: str) -> Authenticator:
    """A secret that was not confirmed yet."""
    return Authenticator(enrolment.start(user_id=user.id, password=PASSWORD, network=network).secret)


def switched_on(user: User, network: str) -> Authenticator:
    """The app of a user who has a second factor now; the code of this half minute is used up."""
    app = offered(user, network)
    app.recovery_codes = enrolment.confirm(user_id=user.id, session_id=None, code=app.code())
    user.refresh_from_db()
    return app
