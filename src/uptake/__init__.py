"""uptake: how Claude is taken up across an organisation. Counts only, never content.

    Anthropic ─▶ claude ─▶ sync ─▶ lake ─▶ metrics ─▶ insights ─▶ web · api · cli
    people's changes:  web · api · cli ─▶ actions ─▶ records · lake · people    (allowed, done, audited)

config   every setting once                      records  connections, sealed keys, runs, accounts, audit
domain   the words and rules, no I/O             metrics  one Question, one Answer
claude   Anthropic's API, GET only               actions  one function, one permission, one audit word
fake     a made-up Claude organisation           web      pages, charts, static files
sync     plan, guards, run, schedule             api      REST
lake     one sealed Parquet file a day           site     Django's plumbing
insights findings with their evidence
people   who works where, one org chart with history
messages what leaves by mail and into channels
"""

__version__ = "0.1.0"
