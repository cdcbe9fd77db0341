// The signatures under the service's answers. Checking one costs a browser more
// than everything else in a sign-in, above all the first time, when the code
// has not been compiled. The root key's word for the service is the same in
// every answer, so it is checked once; and both can be had ahead of time.

import { blsVerify, Certificate, type HttpAgent } from "@icp-sdk/core/agent";
import type { Principal } from "@icp-sdk/core/principal";
import { concat, toBase64Url } from "../bytes";

// More than the service signs with; a page that has seen more begins again.
const maxRemembered = 16;

// Milliseconds. No person is done with a dialog sooner.
const quickest = 100;

export class Trust {
  readonly #good = new Set<string>();
  #ahead = false;

  // Whether `signature` is the key's over `message`. Only what held is
  // remembered, by all three.
  readonly verify = (key: Uint8Array, signature: Uint8Array, message: Uint8Array): boolean => {
    const id = toBase64Url(concat(length(key), key, length(signature), signature, message));
    if (this.#good.has(id)) {
      return true;
    }
    const holds = blsVerify(key, signature, message);
    if (holds) {
      if (this.#good.size >= maxRemembered) {
        this.#good.clear();
      }
      this.#good.add(id);
    }
    return holds;
  };

  // Checks a certificate that nobody needs, for what is learnt by it. The page
  // stands still for it, so it is for the time that the person is busy with
  // `dialog`, and is let be if that is over before it has begun.
  async ahead(agent: HttpAgent, canisterId: Principal, dialog: Promise<unknown>): Promise<void> {
    if (this.#ahead) {
      return;
    }
    this.#ahead = true;
    try {
      this.#ahead = await this.#check(agent, canisterId, dialog);
    } catch {
      // A failure is found again, and told, by whoever needs an answer.
      this.#ahead = false;
    }
  }

  // Whether there was time for it.
  async #check(
    agent: HttpAgent,
    canisterId: Principal,
    dialog: Promise<unknown>,
  ): Promise<boolean> {
    let over = false;
    const end = () => {
      over = true;
    };
    dialog.then(end, end);
    await new Promise((resolve) => setTimeout(resolve, quickest));
    if (over) {
      return false;
    }
    const paths = [[new TextEncoder().encode("time")]];
    const { certificate } = await agent.readState({ canisterId }, { paths });
    await Certificate.create({
      certificate,
      rootKey: agent.rootKey as Uint8Array,
      principal: { canisterId },
      blsVerify: this.verify,
      agent,
    });
    return true;
  }
}

// Two bytes, so that no three fields can be taken for three others.
function length({ byteLength }: Uint8Array): Uint8Array {
  return Uint8Array.of(byteLength >> 8, byteLength & 0xff);
}
