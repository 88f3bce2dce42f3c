"""The report of a whole run: one page, reports/index.html, that needs nothing from elsewhere."""
