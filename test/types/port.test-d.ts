import { expectTypeOf, test } from "vitest";
import { child, template, type ProtocolOf, type Ref, type Self, type Wait } from "../../src/index.ts";
import {
  port,
  type PortBytes,
  type PortCredit,
  type PortInfo,
  type PortLine,
  type PortProtocol,
} from "../../src/port/index.ts";

declare const self: Self<never>;
declare const lines: Ref<PortLine>;
declare const bytes: Ref<PortBytes>;

test("port: its operations are those of its protocol", () => {
  const cat = port({ command: "cat" });
  expectTypeOf<ProtocolOf<typeof cat>>().toEqualTypeOf<PortProtocol>();
  const ref = self.spawn(cat);
  expectTypeOf(self.call(ref, "write", "text")).toEqualTypeOf<Wait<void>>();
  expectTypeOf(self.call(ref, "info")).toEqualTypeOf<Wait<PortInfo>>();
  // @ts-expect-error a number cannot be written
  void self.call(ref, "write", 1);
});

test("port: its subscriber takes what it sends, and may do no more than give credit", () => {
  port({ command: "cat", subscriber: lines });
  port({ command: "cat", output: "raw", subscriber: bytes });
  // @ts-expect-error lines go to one who takes lines
  port({ command: "cat", subscriber: bytes });
  // @ts-expect-error bytes go to one who takes bytes
  port({ command: "cat", output: "raw", subscriber: lines });
  expectTypeOf<PortLine["port"]>().toEqualTypeOf<Ref<PortCredit>>();
});

test("port: options that are made from arguments make them its own", () => {
  const relay = port((name: string, to: Ref<PortLine>) => ({ command: "tor", name, subscriber: to }));
  child(relay, ["relay0", lines]);
  template(relay, { args: (name: string) => [name, lines] });
  // @ts-expect-error without a subscriber's address
  child(relay, ["relay0"]);
  // @ts-expect-error what is made has to be options, too
  port((name: string) => ({ comand: name }));
});

test("port: an option that does not exist is refused", () => {
  // @ts-expect-error misspelt
  port({ command: "cat", arguments: [] });
  // @ts-expect-error no signal that can be caught
  port({ command: "cat", stop: { signal: "SIGKILL" } });
});
