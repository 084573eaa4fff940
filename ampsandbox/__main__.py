"""`python -m ampsandbox` is the `ampsandbox` command."""

import sys

from ampsandbox.cli.main import main

sys.exit(main())
