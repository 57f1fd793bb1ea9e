/** Of `src/cloud/` and its commands, as `mirrors.ts` has them of all: a test, and the files that it fails for when they are wrong. */
export const cloudCovers: Readonly<Record<string, readonly string[]>> = {
  "test/src/cloud/cloud.test.ts": ["src/cloud/check-role.ts", "src/cloud/check.ts"],
  "test/src/cloud/planner.test.ts": [
    "src/cloud/candidates.ts",
    "src/cloud/churn.ts",
    "src/cloud/crashes.ts",
    "src/cloud/host-table.ts",
    "src/cloud/obstacles.ts",
    "src/cloud/role-keeper.ts",
  ],
  "test/src/cloud/simulation/seeds.test.ts": [
    "src/cloud/controller.ts",
    "src/cloud/desk.ts",
    "src/cloud/host-agent.ts",
    "src/cloud/host-lease.ts",
    "src/cloud/leader.ts",
    "src/cloud/leadership.ts",
    "src/cloud/memory-store.ts",
    "src/cloud/store.ts",
    "src/cloud/simulation/agenda.ts",
    "src/cloud/simulation/sim-host.ts",
    "src/cloud/simulation/sim-store.ts",
    "src/cloud/simulation/witness.ts",
    "src/cloud/simulation/world.ts",
  ],
  "test/src/cli/cloud.test.ts": [
    "src/cli/cloud/number.ts",
    "src/cli/cloud/simulate.ts",
    "src/cloud/local/load.ts",
  ],
  "test/src/cloud/queues.test.ts": [
    "src/cloud/backoff.ts",
    "src/cloud/due-heap.ts",
    "src/cloud/host-heap.ts",
    "src/cloud/ordinal-queue.ts",
    "src/cloud/vm-table.ts",
  ],
};
