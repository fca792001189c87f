"""`uvicorn kyc_adapter.asgi:application`"""

from __future__ import annotations

import os
import sys

import django
from channels.routing import ProtocolTypeRouter
from django.core.management.base import BaseCommand, SystemCheckError

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kyc_adapter.settings")

django.setup(set_prefix=False)

# Models can be imported only now.
from kyc_adapter.body_limit import BodyLimit  # noqa: E402  # after Django is set up
from kyc_adapter.handler import ThreadHandler  # noqa: E402  # after Django is set up
from verifications.sockets.routing import sockets  # noqa: E402  # after Django is set up

application = ProtocolTypeRouter({"http": BodyLimit(ThreadHandler()), "websocket": sockets()})
# A server does not run the system checks by itself; a wrong setting must stop it all the same.
try:
    BaseCommand().check()
except SystemCheckError as error:
    sys.exit(str(error))
