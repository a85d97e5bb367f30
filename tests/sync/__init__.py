"""The tests of sync's rules: the plan, the guards, a key's health, the schedule, the fold. The shell has stories."""
