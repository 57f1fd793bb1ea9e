/**
 * Concepts whose tests stand elsewhere than in their mirror: a test, and the files that it fails for when they are wrong. Many
 * concepts of a kernel only mean something together.
 */
const covers: Readonly<Record<string, readonly string[]>> = {
  "test/docs/blocks.test.ts": [
    "kernel/boot.ts",
    "kernel/host.ts",
    "kernel/unikernel.ts",
    "src/host/host-actor.ts",
    "src/host/host.ts",
    "src/host/watchdog.ts",
    "src/host/wiring.ts",
    "src/image/bundle.ts",
    "src/observe/log.ts",
    "src/observe/pretty.ts",
    "src/targets/board.ts",
    "src/targets/doorbell.ts",
    "src/targets/event-line.ts",
    "src/targets/init.ts",
    "src/targets/isolate/console.ts",
    "src/targets/isolate/guest.ts",
    "src/targets/isolate/host.ts",
    "src/targets/vcpu.ts",
  ],
  "test/docs/errors.test.ts": [
    "kernel/error-table.ts",
    "kernel/errors.ts",
    "src/errors.ts",
    "supervisors/errors.ts",
    "transports/errors.ts",
    "transports/wire/errors.ts",
  ],
  "test/kernel/actor.test.ts": [
    "kernel/actor-self.ts",
    "kernel/behavior.ts",
    "kernel/cell.ts",
    "kernel/handlers.ts",
    "kernel/message.ts",
    "kernel/process.ts",
    "kernel/wait.ts",
    "kernel/work.ts",
  ],
  "test/kernel/bonds.test.ts": [
    "kernel/death.ts",
    "kernel/event.ts",
    "kernel/exit.ts",
    "kernel/process-table.ts",
  ],
  "test/kernel/determinism.test.ts": ["kernel/kernel.ts"],
  "test/kernel/machine.test.ts": [
    "kernel/machine-behavior.ts",
    "kernel/machine-engine.ts",
    "kernel/machine-timers.ts",
  ],
  "test/kernel/registry.test.ts": ["kernel/claims.ts", "kernel/groups.ts", "kernel/name.ts"],
  "test/kernel/remote.test.ts": [
    "kernel/inbound.ts",
    "kernel/peers.ts",
    "kernel/ref.ts",
    "kernel/relay.ts",
    "kernel/signal.ts",
    "kernel/slot.ts",
  ],
  "test/kernel/server.test.ts": [
    "kernel/agenda.ts",
    "kernel/caller.ts",
    "kernel/crash-report.ts",
    "kernel/dispatch.ts",
    "kernel/server-cell.ts",
  ],
  "test/oracle/replay.test.ts": [
    "supervisors/administration.ts",
    "supervisors/behavior.ts",
    "supervisors/child-record.ts",
    "supervisors/child-table.ts",
    "supervisors/dynamic-tree.ts",
    "supervisors/retry.ts",
    "supervisors/shutdown.ts",
    "supervisors/start-answer.ts",
    "supervisors/start-child.ts",
    "supervisors/static-tree.ts",
    "supervisors/supervise.ts",
    "supervisors/tree.ts",
  ],
  "test/src/cli.test.ts": [
    "src/cli/main.ts",
    "src/cli/options.ts",
    "src/cli/run.ts",
    "src/cli/version.ts",
    "src/image/stack.ts",
  ],
  "test/src/broken-line.test.ts": ["src/targets/ring-line.ts"],
  "test/supervisors/check-spec.test.ts": ["supervisors/check-options.ts", "supervisors/child-spec.ts"],
  "test/supervisors/supervisor.test.ts": ["supervisors/crash-loop.ts", "supervisors/start-child-call.ts"],
  "test/transports/ring/ring.test.ts": [
    "transports/ring/layout.ts",
    "transports/ring/pair.ts",
    "transports/ring/reader.ts",
    "transports/ring/record.ts",
    "transports/ring/word-view.ts",
    "transports/ring/writer.ts",
  ],
  "test/transports/wire/codec.test.ts": [
    "transports/wire/byte-reader.ts",
    "transports/wire/byte-writer.ts",
    "transports/wire/decoder.ts",
    "transports/wire/encoder.ts",
    "transports/wire/tags.ts",
    "transports/wire/text.ts",
    "transports/wire/views.ts",
  ],
  "test/transports/wire/dictionary.test.ts": ["transports/wire/shapes.ts"],
  "test/transports/wire/hostile.test.ts": ["transports/wire/frame.ts"],
  "test/transports/wire/link.test.ts": [
    "transports/ring/ring-channel.ts",
    "transports/wire/memory.ts",
    "transports/wire/out-queue.ts",
    "transports/wire/reassembly.ts",
  ],
};

/** The test that is to be looked at, by file. */
export const mirrors: ReadonlyMap<string, string> = new Map(
  Object.entries(covers).flatMap(([test, files]) => files.map((file) => [file, test] as const)),
);

/** Concepts without a test that would fail for them: debts. Write one, and take its line out. */
export const untested: ReadonlySet<string> = new Set([
  "kernel/assert.ts",
  "kernel/freeze.ts",
  "src/targets/node-text.ts",
  "src/targets/spin.ts",
]);
