/**
 * What both hosts say first: who they are and what they can take. JSON in a frame, every field checked; what a later version adds
 * is passed over. Owns no state.
 */
import { isMotesError, type MotesError } from "../../kernel/index.ts";
import { linkError } from "./errors.ts";
import type { HostIdentity, HostLinkLimits } from "./host-link.ts";

export interface Hello extends HostIdentity {
  readonly recordBytesMax: number;
  readonly packetBytesMax: number;
  readonly beatMs: number;
}

/** A hello in bytes, at the most. */
export const helloBytesMax: number = 8 * 1024;
const namePattern = /^[A-Za-z0-9](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9])?$/;
const wordPattern = /^[\x21-\x7e]{1,64}$/;
const featuresMax = 64;

/** Of hosts and of clusters: also what a certificate binds. */
export const isHostName = (name: string): boolean => namePattern.test(name);

export function helloOf(own: HostIdentity, limits: HostLinkLimits): Uint8Array {
  const { cluster, name, incarnation, features } = own;
  const { recordBytesMax, packetBytesMax, beatMs } = limits;
  const hello: Hello = { cluster, name, incarnation, features, recordBytesMax, packetBytesMax, beatMs };
  return new TextEncoder().encode(JSON.stringify(hello));
}

/** Throws `LINK_OPTION`. */
export function checkIdentity({ cluster, name, incarnation, features }: HostIdentity): void {
  const refuse = (option: string, expected: string, got: unknown): MotesError =>
    linkError("LINK_OPTION", { option, expected, got: JSON.stringify(got) });
  const expected = "1 to 63 letters, digits, - and _ that starts and ends with a letter or digit";
  if (!isHostName(cluster)) throw refuse("cluster", expected, cluster);
  if (!isHostName(name)) throw refuse("the host's name", expected, name);
  if (!wordPattern.test(incarnation))
    throw refuse("incarnation", "1 to 64 visible ASCII characters", incarnation);
  const words = features.length <= featuresMax && features.every((word) => wordPattern.test(word));
  if (!words) throw refuse("features", `${featuresMax} words at the most`, features);
}

/** Throws `LINK_CORRUPT` for what is no hello. */
export function readHello(text: string): Hello {
  const corrupt = (what: string): MotesError => linkError("LINK_CORRUPT", { what: `a hello ${what}` });
  const fields = objectIn(text);
  if (fields === undefined) throw corrupt("that is no object in JSON");
  const { cluster, name, incarnation, features, recordBytesMax, packetBytesMax, beatMs } = fields;
  if (typeof cluster !== "string" || typeof name !== "string" || typeof incarnation !== "string")
    throw corrupt("without a cluster, a name or an incarnation");
  if (!Array.isArray(features) || !features.every((word) => typeof word === "string"))
    throw corrupt("without a list of features");
  const identity = { cluster, name, incarnation, features: features.map(String) };
  try {
    checkIdentity(identity);
  } catch (problem) {
    throw corrupt(isMotesError(problem) ? `in which ${problem.message}` : "that cannot be read");
  }
  if (!isCount(recordBytesMax) || !isCount(packetBytesMax) || !isCount(beatMs))
    throw corrupt("without its limits");
  return { ...identity, recordBytesMax, packetBytesMax, beatMs };
}

const isCount = (value: unknown): value is number =>
  typeof value === "number" && Number.isSafeInteger(value) && value > 0 && value < 2 ** 31;

function objectIn(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    // Sound: whatever object it is, its fields are unknown here, and each is looked at.
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
