"""Questions to the published file: what may be asked, and the form of an answer."""
