"""The fault run: random faults with fifty players.

``python -m tests.faults --minutes 20 --seed 1`` runs random faults (`fault_table`) during random
changes of players and random commands (`traffic`). After each fault it waits until the work is
done, compares every entity with the server (`compare`) and looks for leaks (`leaks`).
"""
