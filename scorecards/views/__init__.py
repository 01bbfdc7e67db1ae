"""Published months and review packs in the browser."""
