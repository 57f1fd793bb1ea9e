import { describe, expect, test } from "vitest";
import { Board } from "../../../src/targets/board.ts";

describe("board", () => {
  test("board: each VM has its own count of turns, and whoever shares the memory reads it", () => {
    const board = Board.create(3);
    const seen = new Board(board.memory);
    board.turned(1);
    board.turned(1);
    board.turned(2);
    expect([0, 1, 2].map((place) => seen.turnsOf(place))).toEqual([0, 2, 1]);
  });

  test("board: counts who is awake, however often each says so", () => {
    const board = Board.create(4);
    for (const place of [0, 1, 1, 2, 3, 3]) board.setAwake(place, true);
    expect(board.awakeVms).toBe(4);
    for (const place of [1, 1, 2]) board.setAwake(place, false);
    expect(board.awakeVms).toBe(2);
  });

  test("board: a place that is cleared is as new, and the others stay as they are", () => {
    const board = Board.create(3);
    for (const place of [0, 1, 2]) {
      board.setAwake(place, true);
      board.turned(place);
      board.doorbell(place).ring();
    }
    board.clear(1);
    expect(board.awakeVms).toBe(2);
    expect([0, 1, 2].map((place) => board.turnsOf(place))).toEqual([1, 0, 1]);
    board.clear(1);
    expect(board.awakeVms).toBe(2);
    expect([0, 1, 2].map((place) => board.doorbell(place).wait(() => {}))).toEqual([true, false, true]);
    board.doorbell(1).ring();
  });

  test("board: the host's place, and the count beside it, do not touch", () => {
    const board = Board.create(2);
    board.setAwake(0, true);
    board.setAwake(1, true);
    board.clear(0);
    expect(board.awakeVms).toBe(1);
  });
});
