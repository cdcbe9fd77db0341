import { defineConfig } from "@playwright/test";

// Every test file starts servers of its own on free ports, so files run side
// by side; nothing is retried, since a retry would hide a race.
export default defineConfig({
  testDir: "tests",
  workers: 2,
  retries: 0,
  timeout: 60_000,
  reporter: process.env.CI ? "line" : "list",
  outputDir: "../../build/browser-results",
  use: {
    headless: true,
    trace: "retain-on-failure",
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    },
  },
});
