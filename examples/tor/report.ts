import type { Report } from "./tally.ts";

export function reportLines(report: Report): readonly string[] {
  const { nodes, keysMs, clientMs, allMs, path, kills, backMs, answersMs, failures } = report;
  const lines = [
    `bootstrapped  client ${seconds(clientMs)}, all ${nodes} ${seconds(allMs)}; keys ${seconds(keysMs)}`,
    `path          ${path.join(" > ")}`,
    `restarts      ${kills} killed, ${backMs.length} back; slowest ${seconds(Math.max(0, ...backMs))}`,
    `requests      ${answersMs.length} answered, ${failures.length} failed; median ${Math.round(median(answersMs))} ms, slowest ${seconds(Math.max(0, ...answersMs))}`,
  ];
  const whys = new Map<string, number>();
  for (const why of failures) whys.set(why, (whys.get(why) ?? 0) + 1);
  return [...lines, ...[...whys].map(([why, times]) => `              ${times} times: ${why}`)];
}

/** Three relays are between us and the page, who was killed is back, and most pages came. How fast is for the reader to judge. */
export const isWell = ({ path, kills, backMs, answersMs, failures }: Report): boolean =>
  path.length === 3 && backMs.length === kills && answersMs.length > failures.length;

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
