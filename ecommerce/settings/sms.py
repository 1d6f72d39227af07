"""How SMS are sent, from whom, and when not."""

from ecommerce.settings.environment import env
from ecommerce.sms_settings import read_hours

# Empty where no SMS are sent.
TWILIO_ACCOUNT_SID = env.twilio_account_sid
TWILIO_AUTH_TOKEN = env.twilio_auth_token.get_secret_value()
TWILIO_SENDER = env.twilio_sender
TWILIO_API_BASE = env.twilio_api_base.rstrip("/")
# From the first hour to the second nobody is woken.
SMS_QUIET_HOURS = read_hours(env.sms_quiet_hours)
