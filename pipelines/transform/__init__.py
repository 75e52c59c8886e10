"""dbt's part: what the project says, what it compiles to, what is built and on which content."""
