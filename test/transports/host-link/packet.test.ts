import fc from "fast-check";
import { expect, test } from "vitest";
import {
  packetHeaderBytes,
  PacketReader,
  preamble,
  preambleBytes,
  sealPacket,
} from "../../../transports/host-link/packet.ts";
import { loadChecksum } from "../../../transports/index.ts";

const checksum = await loadChecksum();
const bytesMax = 5000;

function stream(bodies: readonly Uint8Array[]): Uint8Array {
  const packets = bodies.map((body, number) => {
    const packet = new Uint8Array(packetHeaderBytes + body.length);
    packet.set(body, packetHeaderBytes);
    sealPacket(packet, number, checksum);
    return packet;
  });
  return Uint8Array.from(Buffer.concat([preamble(), ...packets]));
}

/** What a reader makes of it, given in pieces of these sizes, and the code that it ended with. */
function readAll(
  bytes: Uint8Array,
  sizes: readonly number[],
): { got: Uint8Array[]; code: unknown; held: number } {
  const reader = new PacketReader(checksum, bytesMax);
  const got: Uint8Array[] = [];
  let held = 0;
  try {
    for (let at = 0, i = 0; at < bytes.length; i++) {
      const size = sizes[i % sizes.length] ?? 1;
      reader.read(bytes.subarray(at, at + size), (from, start, end) => got.push(from.slice(start, end)) > 0);
      held = Math.max(held, reader.heldBytes);
      at += size;
    }
    return { got, code: undefined, held };
  } catch (problem) {
    return { got, code: (problem as { readonly code?: unknown }).code, held };
  }
}

const bodies = fc.array(fc.uint8Array({ minLength: 1, maxLength: 300 }), { maxLength: 8 });
const sizes = fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 5 });

test("packet: whatever pieces they come in, packets come out whole and in order", () => {
  fc.assert(
    fc.property(bodies, sizes, (sent, pieces) => {
      expect(readAll(stream(sent), pieces)).toMatchObject({ got: sent, code: undefined });
    }),
  );
});

test("packet: any changed bit is found, and nothing behind it is believed", () => {
  const codes = new Set<unknown>();
  fc.assert(
    fc.property(bodies, sizes, fc.nat(), fc.nat(7), (sent, pieces, place, bit) => {
      const bytes = stream(sent);
      const at = place % bytes.length;
      bytes[at] = (bytes[at] ?? 0) ^ (1 << bit);
      const { got, code, held } = readAll(bytes, pieces);
      codes.add(code);
      expect(held).toBeLessThanOrEqual(bytesMax);
      expect(got).toEqual(sent.slice(0, got.length));
      // A length that grew may wait for more; nothing else passes.
      if (code === undefined) expect(held).toBeGreaterThan(0);
      expect(got.length < sent.length || code !== undefined || sent.length === 0).toBe(true);
    }),
    { numRuns: 500 },
  );
  expect([...codes]).toEqual(
    expect.arrayContaining(["LINK_FOREIGN", "LINK_VERSION", "LINK_CORRUPT", "LINK_GAP", "LINK_DAMAGED"]),
  );
});

test("packet: a length of 4 GiB is refused by its header, and a foreign byte at once", () => {
  const huge = new Uint8Array(preambleBytes + packetHeaderBytes).fill(0xff);
  huge.set(preamble());
  expect(readAll(huge, [7]).code).toBe("LINK_CORRUPT");
  expect(readAll(new TextEncoder().encode("G"), [1]).code).toBe("LINK_FOREIGN");
  expect(readAll(preamble(2), [3]).code).toBe("LINK_VERSION");
});

test("packet: one that is lost or comes twice is a gap", () => {
  const bytes = stream([Uint8Array.of(1), Uint8Array.of(2), Uint8Array.of(3)]);
  const length = packetHeaderBytes + 1;
  const part = (number: number): Uint8Array =>
    bytes.subarray(preambleBytes + number * length, preambleBytes + (number + 1) * length);
  const of = (...numbers: number[]): Uint8Array => Buffer.concat([preamble(), ...numbers.map(part)]);
  expect(readAll(of(0, 2), [5]).code).toBe("LINK_GAP");
  expect(readAll(of(0, 0), [5]).code).toBe("LINK_GAP");
  expect(readAll(of(1), [5]).code).toBe("LINK_GAP");
});
