"""One blueprint per noun, and how it reads and renders."""
