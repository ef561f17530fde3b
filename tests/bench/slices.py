"""Sides in turn: short slices in random order, so that a machine that slows down slows all sides."""
import random


def interleaved(sides, rounds, cost):
    """{side.name: [cost(side), one a round]}; a first round, which fills caches, is left out."""
    costs = {side.name: [] for side in sides}
    for number in range(rounds + 1):
        for side in random.sample(sides, len(sides)):
            found = cost(side)
            if number > 0:
                costs[side.name].append(found)
    return costs
