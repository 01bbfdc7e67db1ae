"""What each figure of a stored judgement came to: the step `part` of the judgement, asked about the figures in a trace."""

from django.db.models import F, Func, TextField

from evaluation.pipeline import statement

STATED = "stated (trace, measure, clauses, minutes, working_minutes) AS (SELECT %(expressions)s)"
BY_PART = """SELECT jsonb_object_agg(p.part, json_object(
    'good': p.good, 'base': p.base, 'maintained': p.maintained, 'down': p.down, 'lost': p.lost RETURNING jsonb))::text
FROM part AS p WHERE p.submission_id IS NOT NULL"""


class Sides(Func):
    """An annotation of results and of past ones: as the text of a JSON object, by part ("" where a figure has none), the two sides after
    exclusions, `good` and `base`; and of minutes those `maintained` within the allowance, those `down` (with maintenance beyond it) and
    those `lost` (down, less relief). Null without figures.
    """

    template = f"({statement(('stated_figures', 'part'), BY_PART)})".replace("WITH RECURSIVE", f"WITH {STATED},", 1)
    output_field = TextField()

    def __init__(self) -> None:
        super().__init__(
            F("trace"),
            F("service_level__measure"),
            F("terms__full"),
            F("period__minutes"),
            F("period__working_minutes"),
        )
