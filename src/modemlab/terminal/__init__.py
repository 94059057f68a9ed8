"""The terminal for people: completion and explanation from the declarations, traffic said in words, macros, scripts.

Everything but `app` and `plain` is without a screen and without an event loop: text, bytes and the time go in.
"""
