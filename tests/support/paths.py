# SPDX-License-Identifier: GPL-2.0-or-later
"""Where the source tree is, and what was built from it."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD_DIR = Path(os.environ.get("PEC_BUILD_DIR", ROOT / "build" / "dev")).absolute()
