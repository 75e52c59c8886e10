"""The marts built by another engine than DuckDB, from what DuckDB's extraction keeps."""
