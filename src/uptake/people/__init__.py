"""Who works where: CSV, 15Five and Claude's own groups become one org chart with history. Pure rules; no file, no record.

The seam for metrics is `teams.spans`: who was in which team from which week to which, as an Arrow table.
"""
