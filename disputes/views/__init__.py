"""Relief requests and disputes in the browser."""
