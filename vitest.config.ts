import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    exclude: ["**/node_modules/**", "**/dist/**"],
    typecheck: { enabled: true, include: ["test/types/**/*.test-d.ts"], tsconfig: "test/tsconfig.json" },
    // Two noisy cores: tests that boot VMs share them, so a test's bound is generous and its waits are events.
    testTimeout: 30_000,
    hookTimeout: 30_000,
    maxWorkers: 2,
    pool: "forks",
  },
});
