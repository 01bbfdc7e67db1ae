"""Two beats and two workers where one of each was meant: nothing is done twice."""


def test_two_beats_and_two_workers(firm, processes, visitor, all_done, must_hold):
    marco = visitor(firm.cast.marco)
    for _ in range(2):
        processes.worker()
        processes.beat(seconds=0.4)
    all_done()
    for submission in firm.waiting(firm.cast.aldermoor)[:6]:
        assert marco.accept(submission.pk).status == 302
    must_hold(marco)
