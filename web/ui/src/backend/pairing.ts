// The side of a device that wants to be let into an identity: it knows the id
// of an open door, and has a key of its own until it has a passkey.

import { owned } from "../bytes";
import type { NewPasskey } from "../crypto/passkey";
import { authnMethod, type Backend, type Session } from "./index";
import { management } from "./manage-idl";
import type { Management } from "./manage-types";
import { milliseconds, ok } from "./management";
import { SessionKey } from "./session";

// The identity whose door has this id; none if there is no such door (yet).
export async function doorOf(backend: Backend, id: string): Promise<bigint | undefined> {
  const actor = await backend.as<Management>(undefined, management);
  const [number] = await actor.lookup_by_registration_mode_id(id);
  return number;
}

export class Knocking {
  readonly #backend: Backend;
  readonly #key: SessionKey;
  readonly number: bigint;
  // To be entered at the other device.
  readonly code: string;
  // Milliseconds since 1970.
  readonly expires: number;

  private constructor(
    backend: Backend,
    key: SessionKey,
    number: bigint,
    answer: { code: string; expires: number },
  ) {
    this.#backend = backend;
    this.#key = key;
    this.number = number;
    this.code = answer.code;
    this.expires = answer.expires;
  }

  // Throws Refused.
  static async at(backend: Backend, number: bigint): Promise<Knocking> {
    const key = await SessionKey.generate();
    const actor = await backend.as<Management>(sessionFor(key, number), management);
    const { confirmation_code, expiration } = ok(await actor.authn_method_session_register(number));
    const expires = milliseconds(expiration);
    return new Knocking(backend, key, number, { code: confirmation_code, expires });
  }

  // What the identity is called, once the other device has let this one in.
  async confirmed(): Promise<{ name: string | undefined } | undefined> {
    const [info] = await (await this.#actor()).authn_method_session_info(this.number);
    return info === undefined ? undefined : { name: info.name[0] };
  }

  // Brings the passkey in, and closes the door.
  async enter(passkey: NewPasskey, alias: string): Promise<Session> {
    const actor = await this.#actor();
    const method = authnMethod(passkey, alias);
    ok(await actor.authn_method_registration_mode_exit(this.number, [method]));
    return this.#key.registered(this.number, owned(passkey.publicKey), Date.now());
  }

  #actor() {
    return this.#backend.as<Management>(sessionFor(this.#key, this.number), management);
  }
}

function sessionFor(key: SessionKey, number: bigint): Session {
  return key.registered(number, new Uint8Array(), Date.now());
}
