import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vitest/config";

// The tests cover what needs no browser; whole sign-ins run in a real one, in
// internal/browser. The plugin is for the flows, which use runes.
export default defineConfig({
  plugins: [svelte()],
  test: { environment: "node", include: ["test/**/*.test.ts"] },
});
