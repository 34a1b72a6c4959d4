"""The administrator's guide, followed to the letter with the programs that were built here. With those of the packages:
tests/packages/test_newcomer.py."""

import os
import unittest

from app import BINARY
from guide import Newcomer


@unittest.skipIf("EARSHOT_GUIDE_LATER" in os.environ, "it is followed with the packages, later in this run")
class Guide(Newcomer):
    def test_from_the_built_programs_to_the_first_answered_offer(self):
        self.follow(BINARY.parent)


if __name__ == "__main__":
    unittest.main()
