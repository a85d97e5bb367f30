"""The tests of claude/: what the wire may bring, what leaves the house, what an error may say."""
