# SPDX-License-Identifier: GPL-2.0-or-later
"""The saboteur's plan is the same for the same seed, and leaves nothing out."""

import unittest
from collections import Counter

from plan import (AT_ONCE, AWAY, DAY_OLD, ENDING, FULL_SENDER, LASTS, PROVIDERS, QUICK, RENAMED, REPLACED, REVOKED,
                  Card, deck, did_not_happen, draw, odd_turns)

LONG = 900.0
MINUTES = 180.0


class Plan(unittest.TestCase):
    def test_the_seed_decides(self):
        self.assertEqual(draw(1, LONG), draw(1, LONG))
        self.assertNotEqual(draw(1, LONG), draw(2, LONG))

    def test_this_seed_has_always_meant_this(self):
        """A figure in a report names its seed; it must mean the same tomorrow."""
        self.assertEqual([str(action) for action in draw(1, 5)], FIRST_OF_SEED_1)

    def test_a_longer_run_begins_like_a_shorter_one(self):
        short = draw(3, 60)
        self.assertEqual(draw(3, LONG)[:len(short)], short)

    def test_all_cards_are_dealt(self):
        dealt = {Card(action.what, action.target) for action in draw(5, LONG)}
        self.assertEqual(dealt, set(deck()))

    def test_times(self):
        actions = draw(7, LONG)
        self.assertEqual(actions, sorted(actions, key=lambda action: action.at))
        self.assertLess(actions[-1].at, LONG)
        for action in actions:
            self.assertTrue(0 <= action.which < 1)
            if action.what in AT_ONCE:
                self.assertEqual(action.lasts, 0)
            else:
                self.assertTrue(LASTS[0] <= action.lasts <= LASTS[1], action)
            self.assertEqual(action.what == "clock", action.jump != 0)

    def test_nothing_is_done_twice_at_once(self):
        for seed in range(20):
            until: dict[str, float] = {}
            for action in draw(seed, 300):
                self.assertLess(until.get(action.target, 0), action.at, (seed, action))
                until[action.target] = action.at + action.lasts


class Turns(unittest.TestCase):
    """Odd circumstances."""

    def test_the_seed_decides(self):
        self.assertEqual(odd_turns(1, MINUTES), odd_turns(1, MINUTES))
        self.assertNotEqual(odd_turns(1, MINUTES), odd_turns(2, MINUTES))

    def test_a_round_of_minutes_has_all(self):
        for seed in range(20):
            turns = odd_turns(seed, MINUTES)
            self.assertEqual(sorted(turn.what for turn in turns),
                             sorted((REVOKED, RENAMED, FULL_SENDER, DAY_OLD, REPLACED, ENDING, AWAY)))
            self.assertEqual(turns, sorted(turns, key=lambda turn: turn.at))
            self.assertEqual((turns[-1].what, turns[-1].at), (AWAY, MINUTES))
            self.assertLess(turns[-2].at, MINUTES * 0.8)
            self.assertTrue(all(turn.provider in PROVIDERS for turn in turns))

    def test_several_short_rounds_have_all_for_which_there_is_time(self):
        met = Counter(turn.what for seed in range(20) for turn in odd_turns(seed, 30))
        self.assertEqual(set(met), set(QUICK))
        self.assertTrue(all(turn.at < 30 for seed in range(20) for turn in odd_turns(seed, 30)))

    def test_both_providers_have_their_turns(self):
        met = {(turn.what, turn.provider) for seed in range(20) for turn in odd_turns(seed, MINUTES)}
        self.assertEqual(len(met), 2 * 7 - 1)  # of the directories, alfa's is the one of yesterday

    def test_what_did_not_happen_is_a_complaint(self):
        turns = odd_turns(1, MINUTES)
        happened = Counter(turn.what for turn in turns)
        self.assertEqual(did_not_happen(turns, happened), [])
        happened[RENAMED] = 0
        [complaint] = did_not_happen(turns, happened)
        self.assertRegex(complaint, f"it did not happen: {RENAMED} at (alfa|beta)$")


FIRST_OF_SEED_1 = [
    "   0.6 s  kill alfa pec-policyd",
    "   2.6 s  kill beta pec-milter",
    "   4.5 s  kill alfa pec-milter",
]

if __name__ == "__main__":
    unittest.main(verbosity=2)
