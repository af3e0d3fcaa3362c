"""Run the command with `python -m leadbook.cli`."""

from leadbook.cli.main import main

main()
