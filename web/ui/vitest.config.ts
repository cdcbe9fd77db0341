import { defineConfig } from "vitest/config";

// The tests cover what needs no browser; whole sign-ins run in a real one, in
// internal/browser.
export default defineConfig({
  test: { environment: "node", include: ["test/**/*.test.ts"] },
});
