"""The site's pages below the overview, one file each: which figures it shows, in their order."""
