"""A made-up Claude organisation, served over HTTP: demo, tests, development, load. It knows no other room but domain."""

from uptake.fake.faults import FAULTS, Fault
from uptake.fake.fifteen_five import run_fifteen_five
from uptake.fake.keys import Keys
from uptake.fake.organisation import Organisation
from uptake.fake.server import FakeClaude, run

__all__ = ["FAULTS", "FakeClaude", "Fault", "Keys", "Organisation", "run", "run_fifteen_five"]
