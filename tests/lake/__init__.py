"""The tests of lake/: a day is whole or not there, damage is always noticed, and one process writes."""
