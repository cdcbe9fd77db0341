import base from "./playwright.config";

// `make measure`: what a sign-in's page costs in time, printed and not judged:
// time decides no test.
export default { ...base, testDir: "measure", testMatch: "*.measure.ts", workers: 1, fullyParallel: false, outputDir: "../../build/measure-results" };
