import { expect, it } from "vitest";
import type { Backend } from "../src/backend";
import { connection } from "../src/flow/connection";

it("connects once, and again after a failure", async () => {
  const answers = [
    () => Promise.reject(new Error("down")),
    () => Promise.resolve("backend" as unknown as Backend),
  ];
  let calls = 0;
  const connect = connection(() => (answers[calls++] ?? Promise.reject)());
  const [first, same] = [connect(), connect()];
  await expect(first).rejects.toThrow("down");
  await expect(same).rejects.toThrow("down");
  expect(await connect()).toBe("backend");
  expect(await connect()).toBe("backend");
  expect(calls).toBe(2);
});
