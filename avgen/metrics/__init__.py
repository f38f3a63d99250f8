"""Measures of generated clips: the paper's (section 4, supplement A), and whether a face is alive.

Functions of arrays, in numpy; what listens (a recogniser, DNSMOS) is in `hearing` and needs avgen[evaluate].
"""
