"""The image's health check: /healthz (or the page that is named) of the web server in this container answers with 200.

Asked by a name of ALLOWED_HOSTS, since Django answers to no other.
"""

# ruff: noqa: INP001  (a script of the image, in no package)

import os
import sys
from urllib.request import Request, urlopen

page = sys.argv[1] if len(sys.argv) > 1 else "healthz"
port = os.environ.get("PORT") or "8000"
name = os.environ.get("ALLOWED_HOSTS", "").split(",")[0].strip().lstrip("*.") or "localhost"
# urlopen raises for a refused connection and for 4xx and 5xx: Python then ends with 1.
urlopen(Request(f"http://127.0.0.1:{port}/{page}", headers={"Host": name}), timeout=4)
