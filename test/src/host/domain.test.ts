import { describe, expect, test } from "vitest";
import { Domains } from "../../../src/host/domain.ts";
import type { Commons, Target, Vm } from "../../../src/targets/target.ts";
import { heapCommons } from "../../../src/targets/heap-commons.ts";

const noVm: Vm = { ring: () => {}, peerEnded: () => {}, kill: () => {} };

function counting(): { readonly commons: Target["commons"]; readonly made: number[]; closed: number } {
  const made: number[] = [];
  const counts = {
    made,
    closed: 0,
    commons: (places: number): Commons => {
      made.push(places);
      const commons = heapCommons(places);
      commons.close = () => void counts.closed++;
      return commons;
    },
  };
  return counts;
}

const target = (name: string, commons: Target["commons"], apart = false): Target => ({
  name,
  commons,
  apart,
  boot: () => noVm,
});

describe("domains", () => {
  test("domains: targets that give the same function share a memory, with places for all VMs and the host", () => {
    const counts = counting();
    const domains = new Domains(7);
    const one = domains.of(target("one", counts.commons));
    expect(domains.of(target("two", counts.commons))).toBe(one);
    expect(counts.made).toEqual([8]);
    expect([one.takePlace(), one.takePlace()]).toEqual([1, 2]);
    domains.leave(one, 1);
    expect([one.takePlace(), one.takePlace()]).toEqual([1, 3]);
    expect(counts.closed).toBe(0);
    domains.closeAll();
    expect(counts.closed).toBe(1);
  });

  test("domains: a VM that stands apart has a memory of its own, which goes with it", () => {
    const counts = counting();
    const domains = new Domains(7);
    const apart = target("apart", counts.commons, true);
    domains.prepare(apart);
    expect(counts.made).toEqual([]);
    const [one, two] = [domains.of(apart), domains.of(apart)];
    expect(one).not.toBe(two);
    expect(counts.made).toEqual([2, 2]);
    domains.leave(one, one.takePlace());
    expect(counts.closed).toBe(1);
    domains.closeAll();
    expect(counts.closed).toBe(2);
  });

  test("domains: a bell in any of them wakes the host, also in one that was made while it slept", () => {
    const domains = new Domains(7);
    const bell = domains.doorbell();
    const one = domains.of(target("one", heapCommons));
    bell.arm();
    one.commons.board.doorbell(0).ring();
    expect(bell.wait(() => {})).toBe(true);
    const other = domains.of(target("other", (places) => heapCommons(places)));
    bell.arm();
    expect(other.commons.board.turnsOf(0)).toBe(0);
    other.commons.board.doorbell(0).ring();
    expect(bell.wait(() => {})).toBe(true);
    domains.closeAll();
  });

  test("domains: the host counts among those awake in each that is shared", () => {
    const domains = new Domains(3);
    const one = domains.of(target("one", heapCommons));
    domains.setAwake(0, true);
    expect(one.commons.board.awakeVms).toBe(1);
    domains.setAwake(0, false);
    expect(one.commons.board.awakeVms).toBe(0);
    domains.closeAll();
  });
});
