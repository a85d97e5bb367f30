"""Who works where: CSV, 15Five and Claude's own groups become one org chart with history. Pure rules; no file, no record.

The seam for metrics: `memberships` gives who was in which team in which week as an Arrow table, see teams.py.
"""
