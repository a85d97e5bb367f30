"""The definitions, by topic: one entry a metric. Nothing here computes."""
