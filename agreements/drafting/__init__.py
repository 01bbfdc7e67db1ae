"""A draft's contract file as data: what a form shows of it is taken out, changed, and put back, and nothing else touched. Pure."""
