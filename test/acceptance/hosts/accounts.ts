/** What the nodes of several hosts have sent and received, held against each other. */
import { expect } from "vitest";
import type { Joined } from "./joined.ts";
import type { Range, Report } from "./workload.ts";

/** Every message that was sent since the last time has arrived, or been reported: each writer has had an answer since. */
export async function settled(...of: readonly Joined[]): Promise<Report[]> {
  const before = await Promise.all(of.map((host) => host.report()));
  for (;;) {
    const now = await Promise.all(of.map((host) => host.report()));
    const all = now.every(({ sent }, index) =>
      Object.entries(sent).every(([writer, { acked }]) => acked > (before[index]?.sent[writer]?.acked ?? 0)),
    );
    if (all) return now;
  }
}

const within = ([first, last]: Range, ranges: readonly Range[]): boolean =>
  ranges.some(([from, to]) => from <= first && last <= to);

/** What arrived of each writer is in order and once, and what is missing was reported by it: in its last words, if it was killed. */
export function expectAccounted(reports: readonly Report[]): void {
  const losses = new Map<string, Range[]>();
  for (const { sent } of reports)
    for (const [writer, { losses: of }] of Object.entries(sent))
      losses.set(
        writer,
        of.map(({ range }) => range),
      );
  for (const { received } of reports) {
    for (const [writer, { gaps, wrong }] of Object.entries(received)) {
      const unreported = gaps.filter((gap) => !within(gap, losses.get(writer) ?? []));
      expect({ writer, wrong, unreported }).toEqual({ writer, wrong: [], unreported: [] });
    }
  }
}
