# SPDX-License-Identifier: GPL-2.0-or-later
"""Who has a mailbox in each sandbox: three at alfa, and three at beta."""

ALFA, BETA = "pec.alfa.example", "pec.beta.example"
anna, bruno, carla = (f"{name}@{ALFA}" for name in ("anna", "bruno", "carla"))
dario, elena, fabio = (f"{name}@{BETA}" for name in ("dario", "elena", "fabio"))
