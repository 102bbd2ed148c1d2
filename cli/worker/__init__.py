"""A process of the console's own for what needs the index or a model: 300 MB for as long as needed.

The console hands each call a connection to it (process.py); a thread there does the work
(main.py). What can be called is in cli/console_work.py.
"""
