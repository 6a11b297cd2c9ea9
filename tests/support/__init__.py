# SPDX-License-Identifier: GPL-2.0-or-later
"""What the tests share. Each folder of programs holds a link to this one, so that `from support import ...`
works there, wherever a program is started from."""

import sys

sys.dont_write_bytecode = True  # the tree stays as it is in the repository
