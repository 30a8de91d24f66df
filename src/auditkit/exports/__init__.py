"""Reading exports: one reader per format, each of which knows nothing of graphs."""
