// What an entry of the history says to a person.

import { Principal } from "@icp-sdk/core/principal";
import type { ActivityEntry, Operation } from "../backend/manage-types";
import { type Method, milliseconds } from "../backend/management";
import { equal } from "../bytes";
import { m } from "../strings/manage";

export interface Line {
  key: string;
  what: string;
  // The method that was used for it.
  by: string;
  // Milliseconds since 1970.
  when: number;
}

export class Teller {
  readonly #methods: readonly Method[];
  readonly #names: Map<string, string>;

  constructor(methods: readonly Method[]) {
    this.#methods = methods;
    this.#names = new Map(
      methods.map((method) => [
        Principal.selfAuthenticating(method.publicKey).toText(),
        nameOf(method),
      ]),
    );
  }

  line({ sequence_number, timestamp, caller, operation }: ActivityEntry): Line {
    return {
      key: sequence_number.toString(),
      what: this.#what(operation),
      by: this.#names.get(caller.toText()) ?? "",
      when: milliseconds(timestamp),
    };
  }

  #what(operation: Operation): string {
    const texts = m.history.operations;
    if ("add_device" in operation) {
      return texts.add_device(this.#method(operation.add_device.device.pubkey));
    }
    if ("update_device" in operation) {
      return texts.update_device(this.#method(operation.update_device.device));
    }
    if ("replace_device" in operation) {
      return texts.replace_device(this.#method(operation.replace_device.new_device.pubkey));
    }
    const [name = ""] = Object.keys(operation);
    const text = (texts as Record<string, unknown>)[name];
    return typeof text === "string" ? text : texts.other;
  }

  // What a method is called; nothing if it is gone.
  #method(publicKey: Uint8Array): string {
    const method = this.#methods.find((one) => equal(one.publicKey, publicKey));
    return method === undefined ? "" : nameOf(method);
  }
}

function nameOf({ alias }: Method): string {
  return alias || m.access.unknown;
}
