"""Editing at the window: table and forms, calculator, joining, quality, history, packages and copies.

`workbench` brings it together; every change is an Edit that the desk carries out.
"""
