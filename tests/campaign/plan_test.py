"""The saboteur's plan is the same for the same seed, and leaves nothing out."""

import unittest

from plan import AT_ONCE, LASTS, Card, deck, draw

LONG = 900.0


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


FIRST_OF_SEED_1 = [
    "   0.6 s  kill alfa pec-policyd",
    "   2.6 s  kill beta pec-milter",
    "   4.5 s  kill alfa pec-milter",
]

if __name__ == "__main__":
    unittest.main(verbosity=2)
