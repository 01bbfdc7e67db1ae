"""Adding up the ledger, and finding where everything stands on the way to cash."""
