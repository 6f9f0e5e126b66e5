"""`python -m teleconsole`, the installed command and the frozen program start here."""

import sys

from teleconsole.cli import main

if __name__ == "__main__":
    sys.exit(main())
