"""What stands between strangers and the pages: who asks, how often, with how much, and from where."""
