"""The report of the end-to-end tests, build/reports/e2e/index.html."""
