"""The guard fails when it should: made-up counts, no run."""
import unittest

from guard import compare


def counted(posts, reference=1000, made="gcc 12"):
    return {"made with": made, "input": "generated",
            "instructions a post": {"reference": reference, "whole": posts}}


class Guard(unittest.TestCase):
    def test_three_per_cent_more_passes_and_what_is_over_fails(self):
        self.assertTrue(compare(counted(1000), counted(1030))[1])
        lines, good = compare(counted(1000), counted(1031))
        self.assertFalse(good)
        self.assertIn("more than 3%", "\n".join(lines))

    def test_less_passes(self):
        self.assertTrue(compare(counted(1000), counted(10))[1])

    def test_elsewhere_counts_are_multiples_of_the_reference(self):
        here = counted(2100, reference=2000, made="gcc 13")
        self.assertTrue(compare(counted(1000), here)[1])
        here = counted(2300, reference=2000, made="gcc 13")
        lines, good = compare(counted(1000), here)
        self.assertFalse(good)
        self.assertIn("multiples of the reference", lines[0])


if __name__ == "__main__":
    unittest.main()
