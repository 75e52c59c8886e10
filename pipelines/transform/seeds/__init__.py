"""What the business edits: prices, fees, rates, codes and countries, as CSV files."""
