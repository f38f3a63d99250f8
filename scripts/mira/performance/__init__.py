"""Performance synthesiser: how Mira moves while the teacher voice speaks.

Speech (timed phones, mel, F0) -> face channels [N, 53] and head pose [N, 7] at CODE_RATE, procedural and
stochastic: one seed, one performance. It is the teacher of the joint flow, not part of the run time.
"""
