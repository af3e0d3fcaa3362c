"""`leadbook serve` that soon tries a receiver of webhooks again, and soon replaces a killed server."""

from datetime import timedelta
from functools import partial

from leadbook.cli.main import main
from leadbook.webhooks import lease, retries, sending

retries.DELAYS = (timedelta(milliseconds=50),) * 1000
lease._MILLISECONDS = 1000
sending.send = partial(sending.send, seconds=0.5)

if __name__ == "__main__":
    main()
