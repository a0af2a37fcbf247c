"""A random walk of several people through every conversation, while time, data, scripts and replicas change.

`walk` is what they do, `happenings` what befalls them meanwhile, `scripts` what a deploy changes; `witness` sees what
must follow from each message, `effects` what from a choice, `records` what must be true of all that is stored.
`python -m tests.handlers.machine` walks on for as long as one likes.
"""
