/** The benches there are, in the order they are listed and documented. */
import type { Bench } from "./bench.ts";
import { bootIsolate } from "./boot-isolate.bench.ts";
import { bootProcess } from "./boot-process.bench.ts";
import { bootQemu } from "./boot-qemu.bench.ts";
import { bootWasm } from "./boot-wasm.bench.ts";
import { calling } from "./call.bench.ts";
import { cloudPlan } from "./cloud-plan.bench.ts";
import { density } from "./density.bench.ts";
import { door } from "./door.bench.ts";
import { monitorsHost, pingpongHost, throughputHost } from "./hosts.bench.ts";
import { linkHosts } from "./link-hosts.bench.ts";
import { pingpongLocal } from "./pingpong-local.bench.ts";
import { pingpongProcess } from "./pingpong-process.bench.ts";
import { pingpongQemu } from "./pingpong-qemu.bench.ts";
import { pingpongVm } from "./pingpong-vm.bench.ts";
import { pingpongWasm } from "./pingpong-wasm.bench.ts";
import { ring1000 } from "./ring-1000.bench.ts";
import { replacing } from "./replace.bench.ts";
import { serving } from "./service.bench.ts";
import { simulator } from "./simulator.bench.ts";
import { spawning } from "./spawn.bench.ts";
import { summon } from "./summon.bench.ts";
import { throughputVm } from "./throughput-vm.bench.ts";

export const benches: readonly Bench[] = [
  pingpongLocal,
  pingpongVm,
  pingpongProcess,
  pingpongWasm,
  pingpongQemu,
  throughputVm,
  spawning,
  bootIsolate,
  bootProcess,
  bootQemu,
  bootWasm,
  density,
  ring1000,
  calling,
  serving,
  replacing,
  simulator,
  linkHosts,
  pingpongHost,
  throughputHost,
  monitorsHost,
  door,
  summon,
  cloudPlan,
];

/** Benches that answer one question together, by what it is called on the command line. */
export const groups: Readonly<Record<string, readonly string[]>> = {
  all: benches.map(({ name }) => name),
  boot: benches.map(({ name }) => name).filter((name) => name.startsWith("boot-")),
  "pingpong-target": ["pingpong-vm", "pingpong-process", "pingpong-wasm", "pingpong-qemu"].filter((name) =>
    benches.some((bench) => bench.name === name),
  ),
};
