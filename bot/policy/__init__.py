"""The rules of support as data and pure functions, so that they can be read, changed and tested on their own.

`policy.yml` holds every value, `bot.policy.policy.load_policy` reads and checks it once, and the other modules answer
questions about it. Nothing here does I/O beyond that one file, and "now" is always an argument.
"""
