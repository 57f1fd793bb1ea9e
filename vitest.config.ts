import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    exclude: ["**/node_modules/**", "**/dist/**"],
    typecheck: { enabled: true, include: ["test/types/**/*.test-d.ts"], tsconfig: "test/tsconfig.json" },
    // Nothing here keeps state in a module, so that files may share a process: to load everything anew for each took longer than most of them.
    isolate: false,
    // Two noisy cores: tests that boot VMs share them, so a test's bound is generous and its waits are events. More workers than cores,
    // since many of them wait for other processes.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    maxWorkers: 4,
    pool: "forks",
    // Each worker has an esbuild of its own, and so has each command that is tested: a fifth of their work was to look for garbage.
    env: { GOGC: "400" },
  },
});
