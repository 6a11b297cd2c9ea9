# SPDX-License-Identifier: GPL-2.0-or-later
"""A folder that is removed after its test, class or module.

    self.site = temporary_folder(self.addCleanup)
    folder = temporary_folder(unittest.addModuleCleanup)
"""

import tempfile
from collections.abc import Callable
from pathlib import Path


def temporary_folder(add_cleanup: Callable) -> Path:
    keeper = tempfile.TemporaryDirectory(prefix="pec-")
    add_cleanup(keeper.cleanup)
    return Path(keeper.name)
