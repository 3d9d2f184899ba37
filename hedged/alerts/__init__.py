"""What the owner is told of: from what stands, to what is new about it, to who hears it."""
