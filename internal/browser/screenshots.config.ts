import base from "./playwright.config";

// `make screenshots`: every screen on a phone and on a desk, by day and by
// night, and the sheet of them that the README shows.
export default {
  ...base,
  testDir: "screenshots",
  testMatch: "*.shots.ts",
  outputDir: "../../build/screenshots-results",
  use: { ...base.use, deviceScaleFactor: 2, screenshot: "off" as const },
  projects: [
    { name: "screens", testIgnore: "sheet.shots.ts" },
    { name: "sheet", testMatch: "sheet.shots.ts", dependencies: ["screens"] },
  ],
};
