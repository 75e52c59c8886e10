"""Where publications go besides the published file: servers that BI tools read."""
