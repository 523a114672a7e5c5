import { fileURLToPath } from "node:url"

import { defineConfig } from "vitest/config"

export default defineConfig({
  // Suites under test import the package by its name and must get the source, never a stale dist/.
  resolve: { alias: { "@understudy/harness": fileURLToPath(new URL("./src/index.ts", import.meta.url)) } },
  // A busy machine is no failure: nothing here asserts on time.
  test: { include: ["src/**/*.test.ts", "scripts/**/*.test.ts"], testTimeout: 120_000, hookTimeout: 120_000 }
})
