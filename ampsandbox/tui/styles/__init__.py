"""Colours, and the style sheets beside this file."""
