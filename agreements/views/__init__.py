"""Contracts with their KRAs and service levels, as pages."""
