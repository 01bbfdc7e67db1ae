"""An independent reading of the rules: a contract file and figures in, their judgement out.

It shares no code with the product. It takes the contract as a plain dict, computes in exact fractions, and goes slot
by slot in the order that `docs/judgement.md` fixes. The product's SQL must agree with it on every contract.

Reading order: `days` (periods, working days, minutes), `facts` (figures to a value), `outcomes` (value to points),
`money` (points to credits and back), `window_rules`, `scorecards`; `judge` puts them together.
"""

from .judge import judge

__all__ = ["judge"]
