"""All settings, from the environment (12-factor), each in the file of its topic.

environment.py reads the variables, and config/env.example documents them; the other files make settings of them.
"""

from ecommerce.settings.api import *
from ecommerce.settings.caches import *
from ecommerce.settings.celery import *
from ecommerce.settings.databases import *
from ecommerce.settings.environment import *
from ecommerce.settings.files import *
from ecommerce.settings.identity import *
from ecommerce.settings.logs import *
from ecommerce.settings.mail import *
from ecommerce.settings.modules import *
from ecommerce.settings.payments import *
from ecommerce.settings.project import *
from ecommerce.settings.security import *
from ecommerce.settings.shop import *
from ecommerce.settings.sms import *
