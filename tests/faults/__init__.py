"""The fault run: a house of fifty players, everything that can go wrong, and nobody the wiser.

``python -m tests.faults --minutes 20 --seed 1`` runs random faults (`table`) while random changes
of players and random commands (`traffic`) go on. After each fault it waits for quiet, compares
every entity with the server (`compare`) and looks for what was left behind (`leaks`).
"""
