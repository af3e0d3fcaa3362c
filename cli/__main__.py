"""The command as `python -m leadbook.cli`."""

from leadbook.cli.main import main

main()
