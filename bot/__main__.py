"""`python -m bot` is the command `minsheng`."""

import sys

from bot.cli import main

sys.exit(main())
