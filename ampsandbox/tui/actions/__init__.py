"""What can be done on the screen, by subject, and the keys for it.

All of this is loaded before the first frame: an action imports the page that it opens when it is carried out.
"""
