"""What is published: gate, file and those before it, other engines, and who is erased."""
