import { defineConfig } from "vitest/config";

/** Tests of what keeps nothing between two of them: no VM, no process, no socket. Their files share a process. */
const pure = [
  "docs",
  "field",
  "kernel",
  "oracle",
  "sim",
  "supervisors",
  "tidy",
  "transports/ring",
  "transports/wire",
];
const pureFiles = pure.map((folder) => `test/${folder}/**/*.test.ts`);

export default defineConfig({
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: "pure",
          include: [...pureFiles, "test/tidy.test.ts"],
          isolate: false,
          typecheck: {
            enabled: true,
            include: ["test/types/**/*.test-d.ts"],
            tsconfig: "test/tsconfig.json",
          },
        },
      },
      {
        extends: true,
        test: {
          name: "whole",
          include: ["test/**/*.test.ts"],
          exclude: ["**/node_modules/**", "**/dist/**", ...pureFiles, "test/tidy.test.ts"],
        },
      },
    ],
    // Two noisy cores: tests that boot VMs share them, so a test's bound is generous and its waits are events.
    testTimeout: 30_000,
    hookTimeout: 30_000,
    maxWorkers: 3,
    pool: "forks",
  },
});
