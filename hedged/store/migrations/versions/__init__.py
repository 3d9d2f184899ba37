"""The revisions, oldest first; each only moves forward, and never imports the living schema."""
