"""What happened at the demo's two clients: the decline, the recovery, the dip, the storm, the slip of the pen."""

from demo.series import Plot, Series, hold, ramp

SUMMER = {7: 0.92, 8: 0.86}
WINTER_LOAD = {11: 1.05, 12: 1.08, 1: 1.18, 2: 1.10}

# Corvid at Aldermoor: eight months of decline after key engineers left, ending in a critical performance failure.
SERVICE_DESK = Plot(
    series={
        "SD-01": Series(
            97.6,
            0.9,
            84,
            shift={7: -0.6, 6: -1.2, 5: -1.9, 4: -3.6, 3: -4.0, 2: -8.2, 1: -9.4, 0: -10.4},
            extra={
                2: {"note": "Two senior engineers left; the night shift is covered by the day team."},
                0: {"note": "A recovery plan will be presented at the next service review."},
            },
        ),
        "SD-02": Series(
            96.0, 1.7, 212, volume_season=SUMMER, shift={3: -2.6, 2: -3.2, 1: -4.8, 0: -5.4}, on={"2025-01": -2.6}
        ),
        "SD-03": Series(96.3, 1.6, 1840, volume_season=SUMMER, shift=ramp(5, 0, -0.5)),
        "SD-04": Series(
            87.8, 2.6, 5230, volume_season=SUMMER, on={"2024-07": -4.5, "2025-09": -4.2}, shift=ramp(3, 0, -0.3)
        ),
        "SD-05": Series(4.1, 0.9, 5230, volume_season=SUMMER, on={"2024-07": 2.1, "2025-09": 1.8}),
        "SD-06": Series(98.1, 0.6, 126, shift={4: -3.0, 3: -4.3, 2: -5.2, 1: -5.8, 0: -6.6}),
        "SD-07": Series(96.4, 1.6, 4180, steady=True, season={12: -1.1}, on={"2025-08": -3.4}),
        "SD-08": Series(88.9, 2.2, 610, shift={3: -0.6, 2: -1.6, 1: -2.2, 0: -5.0}),
        "SD-09": Series(96, 5, 19, steady=True),
    },
)

# Halden: the move to a second site cost a season; a corrective plan brought it back. Now repeat contacts rise, and with
# them the calls that are given up.
SITES = {"Leeds": 0.58, "Cardiff": 0.42}
CALLS = 178_000
CONTACT_CENTRE = Plot(
    series={
        "CC-01": Series(
            82.6,
            0.7,
            CALLS,
            parts=SITES,
            volume_season=WINTER_LOAD,
            shift={15: -3.6, 14: -6.8, 13: -8.6, 12: -6.4, 11: -2.0} | hold(range(4, 11), 0.8),
            extra={
                13: {"note": "Cardiff opened; 140 agents in their first month."},
                12: {"note": "Plan agreed with Aldermoor: 60 agents more in the evening, new rota from next month."},
            },
        ),
        "CC-02": Series(
            16.4, 1.6, 168_000, volume_season=WINTER_LOAD, shift={15: 6, 14: 12, 13: 16, 12: 11, 11: 5, 0: 2.5}
        ),
        "CC-03": Series(
            3.3,
            0.25,
            CALLS,
            volume_season=WINTER_LOAD,
            shift={14: 1.4, 13: 2.2, 12: 1.3, 2: 0.5, 1: 1.9, 0: 3.1},
            extra={0: {"note": "Tariff letters went out in one week instead of three; calls rose by a fifth."}},
        ),
        "CC-04": Series(
            76.6,
            0.4,
            194_000,
            volume_season=WINTER_LOAD,
            since={"2025-08": 1.4, "2025-10": 2.9},
            shift=ramp(7, 0, -2.4),
        ),
        "CC-05": Series(421, 11, 171_000, volume_season=WINTER_LOAD, shift={14: 34, 13: 52, 12: 30}),
        "CC-06": Series(96.4, 0.6, 1200, steady=True, shift={13: -1.9}),
        "CC-07": Series(86.9, 0.8, 5240, shift={14: -2.2, 13: -3.4, 12: -2.0, 2: -0.8, 1: -1.4, 0: -2.4}),
        "CC-08": Series(23.5, 4, 642, steady=True, shift=ramp(13, 0, 9.5)),
        "CC-09": Series(100, 0, 40, steady=True, fixed={"2025-01-01": {"numerator": "39", "denominator": "40"}}),
    },
)

# Saltire: one bad February, earned back over the year; a hurricane under relief; small misses until the fourth in
# twelve counts.
TERMINALS = {"Corpus Christi": 2, "Galveston": 5, "Lake Charles": 0, "Port Arthur": 3}
NETWORK = Plot(
    series={
        "NW-01": Series(
            6,
            5,
            maintenance=180,
            on={"2025-02": 141},
            extra={"2025-02": {"incident": "SAL-7719", "note": "Core router failure after a software upgrade."}},
        ),
        "NW-02": Series(
            13,
            8,
            maintenance=60,
            parts=TERMINALS,
            shift={15: 520},
            extra={
                15: {
                    "relieved": "500",
                    "incident": "SAL-8105",
                    "note": "Hurricane: power and fibre lost on the coast. Force majeure.",
                }
            },
        ),
        "NW-03": Series(4.13, 0.09, shift={15: -0.15}),
        "NW-04": Series(152, 40, 7, shift={15: 52, 9: 48}, on={"2025-02": 60}),
        "NW-05": Series(96.6, 0.7, 158, shift={10: -3.4, 7: -3.2, 4: -3.5, 1: -3.6}),
        "NW-06": Series(
            100,
            0,
            4,
            steady=True,
            fixed={
                5: {"numerator": "0", "denominator": "0"},
                12: {"numerator": "0", "denominator": "0"},
                9: {"numerator": "4", "denominator": "5"},
            },
        ),
        "NW-07": Series(98.5, 1.5, 62, shift={9: -3.2}),
        "NW-08": Series(95, 2.2, 27, steady=True, on={"2025-03": -6}),
    },
    waiting=frozenset({0}),
)

# Mirado: steady, with one incident that took compute and database down together.
HOSTING = Plot(
    series={
        "CL-01": Series(
            9,
            8,
            maintenance=120,
            shift={4: 112},
            extra={4: {"incident": "INC-20418", "note": "Storage controller failure in zone B."}},
        ),
        "CL-02": Series(
            4,
            4,
            maintenance=90,
            shift={4: 88},
            extra={4: {"incident": "INC-20418", "note": "Storage controller failure in zone B."}},
        ),
        "CL-03": Series(99.968, 0.018, 412_000_000, steady=True, shift={18: -0.12, 10: -0.14, 0: -0.11}),
        "CL-04": Series(99.6, 0.25, 1860, steady=True, shift={16: -1.1, 6: -1.4}),
        "CL-05": Series(3.4, 0.4, places=1, on={"2025-12": 1.9}),
        "CL-06": Series(97, 3, 15, steady=True),
    }
)

# Quillon: dependable, but one month had to be restated, and the desk's satisfaction looks copied.
PAYROLL = Plot(
    series={
        "PR-01": Series(99.86, 0.1, 6420, steady=True, shift={18: -0.18}, corrected={5: -0.62}),
        "PR-02": Series(0.032, 0.008, 54_300_000, steady=True),
        "PR-03": Series(100, 0, 3, steady=True, fixed={17: {"numerator": "2", "denominator": "3"}}),
        "PR-04": Series(100, 0, 4, steady=True, fixed={11: {"numerator": "3", "denominator": "4"}}),
        "PR-05": Series(98.6, 1.6, 64, season={9: -1.0}, volume_season={1: 1.3, 9: 1.6}),
        "PR-06": Series(96.2, 1.7, 385, volume_season={4: 1.7, 12: 1.3}, season={4: -3.0}),
        "PR-07": Series(4.36, 0.2, fixed={age: {"value": "4.42"} for age in (2, 1, 0)}),
    },
    corrections={5: "611 shift allowances were paid at last year's rate; found in the quarterly reconciliation."},
)

# Farrow: a dip each winter, a month without data when the warehouse system was replaced, and late again now.
WAREHOUSES = {"Doncaster": 0.62, "Avonmouth": 0.38}
QUIET = {"numerator": "0", "denominator": "60800"}
PEAK = {11: 1.15, 12: 1.42, 1: 1.12}
LOGISTICS = Plot(
    series={
        "LG-01": Series(
            98.2,
            0.9,
            8420,
            parts=WAREHOUSES,
            volume_season=PEAK,
            season={11: -1.2, 12: -4.4, 1: -3.3, 2: -0.7},
            extra={7: {"note": "The new warehouse system holds no data for the month of the change."}},
        ),
        "LG-02": Series(98.7, 0.9, 8420, volume_season=PEAK, season={12: -2.9, 1: -1.4}),
        "LG-03": Series(98.6, 1.1, 8390, volume_season=PEAK, season={12: -3.9, 1: -1.2}),
        "LG-04": Series(99.84, 0.08, 31_200, volume_season=PEAK, season={12: -0.14}),
        "LG-05": Series(22, 4, 1260, volume_season=PEAK, season={12: 9, 1: 6}),
        "LG-06": Series(0.36, 0.06, 8420, volume_season=PEAK, season={12: 0.3}),
        "LG-07": Series(99.6, 0.06, 4200, steady=True, on={"2025-03": -0.5}),
        "LG-08": Series(2.9, 0, 61_500, fixed={"2024-06": QUIET, "2024-07": QUIET, "2024-08": QUIET}),
    },
    unfinished=frozenset({0}),
    absent=frozenset({8}),
    tardy={5: 4, 3: 2, 2: 6},
)

# Corvid at Brightwater: the same vendor, getting better; too few grave faults in one month to judge.
APPLICATIONS = Plot(
    series={
        "AP-01": Series(
            20, 18, maintenance=180, since={"2026-04": -3}, on={"2024-06": 68, "2025-05": 62}, shift={6: 24}
        ),
        "AP-02": Series(250, 150, maintenance=120, on={"2024-11": 330}),
        "AP-03": Series(
            96, 3, 9, fixed={6: {"numerator": "1", "denominator": "3"}, 14: {"numerator": "9", "denominator": "12"}}
        ),
        "AP-04": Series(94.6, 2.2, 128, since={"2025-10": 1.0}, shift={20: -4.4, 19: -3.6}),
        "AP-05": Series(6.2, 1.0, 74, on={"2024-12": 6, "2025-01": 5}),
        "AP-06": Series(95, 4, 9, steady=True),
    }
)

# Pemberley: a boiler failed in a cold spell and classrooms stood empty; a certificate lapsed.
SCHOOLS = {"Northgate Primary": 1.2, "Harbour Academy": -1.6, "Fell Lane School": 0.4, "St Oswin's": 0.6}
SCHOOLS_PLOT = Plot(
    series={
        "FM-01": Series(1.3, 2.6, steady=True, season={1: 1.6, 8: -2}, shift={22: 9, 21: 13, 20: 5}),
        "FM-02": Series(4.4, 4.4, season={1: 2, 8: -3}, shift={22: 6, 21: 7, 20: 3, 3: 4.5}),
        "FM-03": Series(25, 14, season={1: 7, 9: 8, 8: -14}, shift={21: 12}),
        "FM-04": Series(96.0, 1.7, 246, volume_season={8: 0.5, 9: 1.3}, shift={22: -5, 21: -8, 20: -4}),
        "FM-05": Series(98.7, 1.4, 182, steady=True, season={8: 0.4}, shift={21: -3, 3: -1.8}),
        "FM-06": Series(100, 0, 48, steady=True, fixed={13: {"numerator": "47", "denominator": "48"}}),
        "FM-07": Series(90.9, 1.8, places=1, parts=SCHOOLS, shift={7: -2.6, 6: -3.4, 5: -1.5}),
        "FM-08": Series(108, 6, places=1, on={"2024-12": 13}),
    }
)

# Marlpit: busy each March with the tax bills; one batch went into the wrong envelopes.
BILLS = {2: 1.3, 3: 2.1}
PRINT = Plot(
    series={
        "PM-01": Series(97.3, 1.8, 148, since={"2025-10": 0.7}, volume_season=BILLS, season={3: -3.2}),
        "PM-02": Series(98.7, 0.8, 96_500, since={"2025-10": 0.3}, volume_season=BILLS, season={3: -2.1, 12: -0.9}),
        "PM-03": Series(
            2.4,
            1.9,
            214_000,
            volume_season=BILLS,
            shift={8: 7.2},
            extra={8: {"incident": "MP-311", "note": "A batch of 19 reminders was enclosed twice."}},
        ),
        "PM-04": Series(1.45, 0.4, 402_000, volume_season=BILLS, season={3: 0.9}, shift=ramp(4, 0, 0.5)),
        "PM-05": Series(95, 6, 22, steady=True, fixed={19: {"numerator": "3", "denominator": "4"}}),
        "PM-06": Series(4.0, 0.25, places=1),
    },
    waiting=frozenset({0}),
)

# Wrenfield: weekly rounds, thin in August; a week of ice under relief; the running month is reported week by week.
NO_INJURY = {"numerator": "0", "denominator": "57900"}
WASTE = Plot(
    series={
        "WS-01": Series(
            99.68,
            0.1,
            62_400,
            steady=True,
            season={8: -0.35, 12: -0.15},
            on={"2026-01-05": -6.6, "2025-08-18": -0.6, "2025-08-25": -0.5},
            extra={
                "2026-01-05": {"relieved": "4180", "note": "Ice: rounds 3 to 11 suspended with the council's consent."}
            },
        ),
        "WS-02": Series(96.4, 1.8, 810, season={8: -4.2, 12: -1.8}),
        "WS-03": Series(95.9, 1.5, 420, steady=True, season={11: -2.6, 10: -1.2}),
        "WS-04": Series(
            95.4,
            2,
            365,
            season={8: -2.2},
            extra={"2026-01": {"relieved": "9", "note": "Reports in streets closed by ice."}},
        ),
        "WS-05": Series(47.6, 0.6, 14_800, steady=True, on={"2024-12": -2.4, "2025-12": -1.8}),
        "WS-06": Series(20, 7, 270_000, season={8: 13, 12: 5}),
        "WS-07": Series(9, 0, 58_200, fixed={"2024-07": NO_INJURY, "2024-08": NO_INJURY}),
        "WS-08": Series(100, 0, 12, steady=True, fixed={"2025-01-01": {"numerator": "11", "denominator": "12"}}),
    }
)

PLOTS: dict[str, Plot] = {
    "MSA-2024-017": SERVICE_DESK,
    "CO-2291": CONTACT_CENTRE,
    "NET-0412": NETWORK,
    "HST-2024-031": HOSTING,
    "PAY-2024-003": PAYROLL,
    "LOG-2024-011": LOGISTICS,
    "BWC-ICT-2024-09": APPLICATIONS,
    "PFI-SCH-02": SCHOOLS_PLOT,
    "PRT-2024-014": PRINT,
    "ENV-2024-006": WASTE,
}
"""By contract reference."""
