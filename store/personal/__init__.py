"""Keys of the people that data is about: made when first needed, destroyed to erase what was sealed with them."""
