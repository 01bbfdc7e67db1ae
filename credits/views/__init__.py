"""Credits in the browser: the ledger of a contract, the way from credit to cash, what goes to accounts payable and comes back."""
