"""The tests of records/: sealed keys open in their own place alone, and the audit knows only words of the table."""
