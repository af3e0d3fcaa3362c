"""Where things lie: the checkout, files of every version before, and exports of other tools."""

from pathlib import Path

TESTS = Path(__file__).parent
ROOT = TESTS.parent
DATABASES = TESTS / "databases"
# Beside the checkout, where they are at all.
SHARED_DATA = ROOT.parent / "shared" / "data"
