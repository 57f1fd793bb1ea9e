/** The limits of a link as they hold: defaults filled in, and what cannot work together refused. */
import { limits as kernelLimits } from "../../kernel/index.ts";
import { linkError } from "./errors.ts";
import { controlBytesMax, dataHeaderBytes } from "./frames.ts";
import { helloBytesMax } from "./hello.ts";
import { defaultHostLinkLimits, type HostLinkLimits } from "./host-link.ts";
import { packetBytesMost, packetHeaderBytes, preambleBytes } from "./packet.ts";
import { recordCostBytes } from "./record-queue.ts";

/** The smallest window of a lane: two records, so that one may be on its way while one is read. */
export const windowBytesMin = (recordBytesMax: number): number => 2 * (recordBytesMax + recordCostBytes);

/** The smallest packet: a hello, or one whole record with a control frame in front. */
export const packetBytesMin = (recordBytesMax: number): number =>
  packetHeaderBytes +
  preambleBytes +
  Math.max(helloBytesMax, recordBytesMax) +
  dataHeaderBytes +
  controlBytesMax;

/** Throws `LINK_OPTION`. */
export function resolveLimits(given: Partial<HostLinkLimits> = {}): HostLinkLimits {
  const limits: HostLinkLimits = { ...defaultHostLinkLimits, ...given };
  const { recordBytesMax, laneWindowBytes, receiveBytesMax, laneQueueBytes, packetBytesMax } = limits;
  for (const [option, value] of Object.entries(limits)) check(option, value, 1, 2 ** 31 - 1);
  check("recordBytesMax", recordBytesMax, kernelLimits.shortestRecordBytesMax, packetBytesMost / 4);
  check("laneWindowBytes", laneWindowBytes, windowBytesMin(recordBytesMax), 2 ** 30);
  check("receiveBytesMax", receiveBytesMax, laneWindowBytes, 2 ** 40);
  check("laneQueueBytes", laneQueueBytes, windowBytesMin(recordBytesMax), 2 ** 30);
  check("packetBytesMax", packetBytesMax, packetBytesMin(recordBytesMax), packetBytesMost);
  check("detectMs", limits.detectMs, 3 * limits.beatMs, 2 ** 31 - 1);
  return limits;
}

function check(option: string, value: number, least: number, most: number): void {
  if (Number.isSafeInteger(value) && value >= least && value <= most) return;
  throw linkError("LINK_OPTION", {
    option,
    expected: `a whole number from ${least} to ${most}`,
    got: String(value),
  });
}
