import { Principal } from "@icp-sdk/core/principal";
import { describe, expect, it } from "vitest";
import type { ActivityEntry, Operation } from "../src/backend/manage-types";
import type { Method } from "../src/backend/management";
import { Teller } from "../src/flow/history";

const key = Uint8Array.of(0x30, 1);
const method = { publicKey: key, alias: "Laptop" } as Method;
const teller = new Teller([method, { publicKey: Uint8Array.of(0x30, 2), alias: "" } as Method]);

function line(operation: Operation, caller = Principal.anonymous()) {
  const entry: ActivityEntry = {
    sequence_number: 7n,
    timestamp: 1_795_000_000_123_456_789n,
    caller,
    operation,
  };
  return teller.line(entry);
}

describe("a line of the history", () => {
  it("says what was done, when, and with which way in", () => {
    expect(line({ add_name: null }, Principal.selfAuthenticating(key))).toEqual({
      key: "7",
      what: "Name given",
      by: "Laptop",
      when: 1_795_000_000_123,
    });
  });

  it("names the way in that it is about, as long as that is there", () => {
    expect(line({ add_device: { device: { pubkey: key } } }).what).toBe("Laptop added");
    expect(line({ update_device: { device: Uint8Array.of(0x30, 2) } }).what).toBe(
      "Unknown changed",
    );
    expect(line({ add_device: { device: { pubkey: Uint8Array.of(9) } } }).what).toBe(
      "A way in added",
    );
    expect(line({ remove_device: { device: key } }).what).toBe("A way in removed");
    expect(
      line({ replace_device: { old_device: Uint8Array.of(9), new_device: { pubkey: key } } }).what,
    ).toBe("Replaced by Laptop");
  });

  it("has a text for whatever it does not know", () => {
    expect(line({ something_newer: null } as unknown as Operation).what).toBe(
      "Something else changed",
    );
  });
});
