"""What Twilio refuses, in its own form. Follows "Error and Warning Dictionary" and "Response status codes"."""

from typing import Any

# HTTP status by code; 400 for all others.
STATUSES = {20003: 401, 20404: 404, 20429: 429, 20500: 500, 20503: 503}
MESSAGES = {
    20003: "Authenticate",
    20404: "The requested resource was not found",
    20429: "Too Many Requests",
    20500: "Internal Server Error",
    20503: "Service Unavailable",
    21211: "Invalid 'To' Phone Number: {to}",
    21408: "Permission to send an SMS has not been enabled for the region indicated by the 'To' number: {to}",
    21602: "Message body is required",
    21604: "A 'To' phone number is required",
    21603: "A 'From' phone number is required",
    21609: "The 'StatusCallback' URL {to} is not a valid URL",
    21610: "Attempt to send to unsubscribed recipient",
    21611: "This 'From' number has exceeded the maximum number of queued messages",
    21614: "'To' number: {to} is not a valid mobile number",
    21617: "The concatenated message body exceeds the 1600 character limit",
}
BY_STATUS = {status: code for code, status in STATUSES.items()}


class Refused(Exception):
    """Nothing was taken."""

    def __init__(self, code: int, about: str = "") -> None:
        super().__init__(code)
        self.code, self.about = code, about

    @property
    def status(self) -> int:
        return STATUSES.get(self.code, 400)

    def document(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "message": MESSAGES.get(self.code, "Error").format(to=self.about),
            "more_info": f"https://www.twilio.com/docs/errors/{self.code}",
            "status": self.status,
        }
