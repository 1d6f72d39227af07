"""A Twilio to test against: SMS are taken, listed and priced, statuses and answers told, in memory.

    with TwilioServer() as twilio:
        twilio.base_url, twilio.sid, twilio.token       how the shop speaks to it
        twilio.answers = [500, 429, "drop", 21211]      how the next messages are taken; well, after that
        twilio.messages                                 what it has, oldest first
        twilio.settle(sid, "delivered", price="-0.0750")    what the network does
        twilio.status_call(sid)                         what it then calls the shop with
        twilio.answer_call("+4915…", "STOP", url)       what it calls with when somebody writes back

Follows Twilio's pages "Messages resource", "Security", "Error and Warning Dictionary", and those named in the files.
"""

from tests.fakes.twilio.calls import Call
from tests.fakes.twilio.server import TwilioServer

__all__ = ["Call", "TwilioServer"]
