"""What people leave beside tasks and lists: facts that no engine owns, outside the views and never rebuilt."""
