"""The read side of the views: what one person may see, filtered, sorted and paged."""
