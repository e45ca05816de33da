"""The fault run: random faults with fifty players.

``python -m tests.faults --minutes 20 --seed 1`` runs random faults (`fault_table`) during random
changes of players and random commands (`traffic`). After each fault it waits until the work is
done, changes each queue and each player by an event of its own, compares every entity with the
server (`compare`), checks the events of players (`event_checks`) and looks for leaks (`leaks`).
`tests/test_faults.py` shows which mistakes of the integration a run notices.
"""
