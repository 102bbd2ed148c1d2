"""`make demo`: a day and a night of the expert, told in the terminal.

`story` has the steps, `team` the colleagues who ask and rate, `pictures` what is drawn, and
`settings` keeps the demo apart from a real installation.
"""
