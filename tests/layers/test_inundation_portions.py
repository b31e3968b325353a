"""Work that threads take in turn: each portion once, and nobody waits for who does not come."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np

from layers.hazards.inundation.crew import Crew
from layers.hazards.inundation.portions import await_all, close, hand_in, is_closed, new_board, offer, take

PASSES, PORTIONS = 100, 30


def attend(board, done) -> None:
    while not is_closed(board):
        work(board, done)


def work(board, done) -> None:
    while (k := take(board)) >= 0:
        done[k].append(None)  # atomic
        hand_in(board)


def test_each_portion_is_done_once_before_the_next_pass_begins() -> None:
    board, done = new_board(), [[] for _ in range(PORTIONS)]
    with ThreadPoolExecutor(3) as pool:
        others = [pool.submit(attend, board, done) for _ in range(3)]
        for n in range(PASSES):
            offer(board, PORTIONS)
            work(board, done)
            await_all(board, PORTIONS)
            assert [len(each) for each in done] == [n + 1] * PORTIONS
        close(board)
        for each in others:
            each.result()


def test_nothing_is_taken_before_it_is_offered_or_when_all_is_done() -> None:
    board = new_board()
    assert take(board) < 0
    offer(board, 1)
    assert [take(board), take(board)] == [0, -1]


def test_who_leads_is_told_whether_somebody_attends_and_need_not_wait() -> None:
    led, attended = [], []

    def lead(board, alone) -> None:
        led.append(alone)

    with Crew(3) as crew:
        crew.together(lead, lambda board: bool(attended.append(board)), 10)
        assert (led, attended) == ([True], [])
        crew.together(lead, lambda board: bool(attended.append(board)), 10_000_000)
        assert led == [True, False]
    assert len(attended) <= 2
    assert np.all([is_closed(board) for board in attended])
