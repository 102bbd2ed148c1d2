"""A month of a team, simulated: 30 people ask, rate and correct, and every night something learns.

`python -m bench month` runs it; docs/training.md says what it simulates. `run` is the whole story,
`people` and `documents` are what is simulated, and `arms` are what is compared.
"""
