"""The road of a clip, one plain function of values to values per stage.

text -> tokenize -> sample -> vocode -> mux, and sample -> render -> mux. A stage knows no paths, caches,
devices or progress; it checks what a model returned, so that a fault is found where it arose.
"""
