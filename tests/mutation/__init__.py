"""Mutation testing: whether the tests notice small faults in the code.

The operators are mutmut's. Its own runner leaves out decorated functions (every property, callback
and override of ours) and can't take a sample; cosmic-ray's parser knows no `type` statements.
"""
