"""Measures of generated clips: the paper's (section 4, supplement A), and whether a face is alive.

Functions of arrays, in numpy; recognisers and DNSMOS are in `recognition` and need avgen[evaluate].
"""
