# SPDX-License-Identifier: GPL-2.0-or-later
"""Makes the tests' own helpers importable; import this first."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "integration")]
sys.dont_write_bytecode = True
