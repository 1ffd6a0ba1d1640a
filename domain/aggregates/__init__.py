"""The kinds of aggregate there are, a file each, and the one register of them."""
