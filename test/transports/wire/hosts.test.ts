import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Address, Kernel } from "../../../kernel/index.ts";
import { Decoder, Encoder, portableText } from "../../../transports/wire/index.ts";
import { decodeFrame, encodeReply } from "../../../transports/wire/frame.ts";
import { TestPlatform } from "../../support/test-platform.ts";
import { Heard } from "./two-vms.ts";

/** A VM somewhere: its own host has no name for it. */
interface Place {
  readonly host: string;
  readonly vm: number;
  readonly kernel: Kernel;
}

const places: readonly Place[] = ["a~1", "b~1", "c~1"].flatMap((host) =>
  [1, 2].map((vm) => ({ host, vm, kernel: new Kernel(new TestPlatform(), { vm }) })),
);

/** What a host is called at another, or at itself. */
const named = (host: string, at: Place): string => (host === at.host ? "" : host);

/** An address as it is at one place, carried to another. */
function carry(address: Address, from: Place, to: Place): Address {
  const encoder = new Encoder(
    from.kernel.home,
    from.kernel.peers.home(named(to.host, from), to.vm),
    portableText,
  );
  encodeReply(encoder, 1, true, address);
  const peer = to.kernel.peers.home(named(from.host, to), from.vm);
  const decoder = new Decoder(to.kernel.home, peer, (...name) => to.kernel.address(...name), portableText);
  decoder.start(encoder.bytes.slice(0, encoder.at), encoder.at);
  const heard = new Heard();
  decodeFrame(decoder, heard);
  if (!(heard.last instanceof Address)) throw new Error("an address came over as something else");
  return heard.last;
}

describe("wire: refs between hosts", () => {
  test("a ref names the same actor wherever it has been", () => {
    const place = fc.constantFrom(...places);
    fc.assert(
      fc.property(place, fc.array(place, { minLength: 1, maxLength: 8 }), (whose, way) => {
        let [at] = way;
        if (at === undefined) return;
        let address = new Address(at.kernel.peers.home(named(whose.host, at), whose.vm), 7, null);
        for (const next of way) {
          // A VM has no carrier to itself.
          if (next === at) continue;
          address = carry(address, at, next);
          at = next;
          expect([address.host, address.vm, address.serial]).toEqual([named(whose.host, at), whose.vm, 7]);
        }
        if (at === whose) expect(address.home).toBe(at.kernel.home);
      }),
    );
  });
});
