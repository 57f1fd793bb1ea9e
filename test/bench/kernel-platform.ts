import { Kernel, type Platform } from "../../kernel/index.ts";

/** A kernel by itself, turned in a loop: what the local benches measure is the kernel and nothing around it. */
export function benchKernel(): Kernel {
  const platform: Platform = {
    now: () => performance.now(),
    timeOfDay: () => Date.now(),
    wake: () => {},
    sliceOver: () => false,
    random: () => Math.random(),
    report: (event) => {
      throw new Error(`the kernel reports ${JSON.stringify(event)}`);
    },
    connect: () => undefined,
    abortController: () => new AbortController(),
    halt: () => {},
  };
  return new Kernel(platform, { vm: 1 });
}
