// The service, as the screens see it. This is the large part of the page (the
// agent and its cryptography), so it is loaded beside the part that is visible.

import { Actor, type ActorSubclass, HttpAgent, type SignIdentity } from "@icp-sdk/core/agent";
import { safeGetCanisterEnv } from "@icp-sdk/core/agent/canister-env";
import type { IDL } from "@icp-sdk/core/candid";
import { Principal } from "@icp-sdk/core/principal";
import { owned } from "../bytes";
import { type Authenticators, passkeys } from "../crypto/authenticators";
import type { NewPasskey } from "../crypto/passkey";
import { effectiveOrigin } from "../protocol/origins";
import type { DelegationRequest, DelegationResult } from "../protocol/request";
import * as accounts from "./accounts";
import { decodeConfig } from "./config";
import { UnknownPasskey } from "./errors";
import { service } from "./idl";
import { Registration, type RegistrationStep } from "./registration";
import { type Session, SessionKey } from "./session";
import { Trust } from "./trust";
import { type AuthnMethodData, type MetadataValue, opt, type Service } from "./types";

export type { Account } from "./accounts";
export { Registration, type RegistrationStep, type Session };

export interface IdentityDetails {
  name: string | undefined;
  credentialIds: Uint8Array<ArrayBuffer>[];
}

// A delegation can be fetched as soon as the state that holds it is certified;
// behind another replica that can be a moment later. Milliseconds.
const fetchDelays = [0, 100, 200, 400, 800, 1600, 3200];

export class Backend {
  readonly #agent: HttpAgent;
  readonly #canister: Principal;
  readonly #trust = new Trust();
  readonly #anonymous: ActorSubclass<Service>;
  // Generated ahead: a passkey dialog may need to open within the click.
  #nextKey: Promise<SessionKey>;
  readonly authenticators: Authenticators;

  private constructor(agent: HttpAgent, canister: Principal, authenticators: Authenticators) {
    this.authenticators = authenticators;
    this.#agent = agent;
    this.#canister = canister;
    this.#anonymous = this.#actor(agent);
    this.#nextKey = SessionKey.generate();
  }

  static async connect(canisterId: string, config: string): Promise<Backend> {
    const rootKey = safeGetCanisterEnv()?.IC_ROOT_KEY;
    const agent = await HttpAgent.create({
      host: location.origin,
      ...(rootKey === undefined ? { shouldFetchRootKey: true } : { rootKey }),
      // The two queries need no node's signature: a wrong answer to the first
      // makes the next call fail, and the second carries the signature that
      // the app verifies.
      verifyQuerySignatures: false,
    });
    const { dummyAuth } = decodeConfig(config);
    const authenticators =
      dummyAuth === undefined
        ? passkeys
        : (await import("../crypto/dummy")).dummyKeys(asking(dummyAuth));
    return new Backend(agent, Principal.fromText(canisterId), authenticators);
  }

  // Signs in with any of the given passkeys, or any at all. One dialog.
  async signIn(credentialIds: Uint8Array<ArrayBuffer>[]): Promise<{
    session: Session;
    credentialId: Uint8Array<ArrayBuffer>;
  }> {
    const grant = (await this.#takeKey()).grant(Date.now());
    const signing = this.authenticators.sign(grant.challenge, credentialIds);
    this.verifyDuring(signing);
    const signature = await signing;
    const [found] = await this.#anonymous.lookup_device_key(signature.credentialId);
    if (found === undefined) {
      throw new UnknownPasskey(this.authenticators.dummy);
    }
    return {
      session: grant.signed(found.anchor_number, owned(found.pubkey), signature),
      credentialId: signature.credentialId,
    };
  }

  // While a dialog is open the page has nothing else to do.
  verifyDuring(dialog: Promise<unknown>): void {
    void this.#trust.ahead(this.#agent, this.#canister, dialog);
  }

  async register(name: string, passkey: NewPasskey, alias: string): Promise<Registration> {
    const key = await this.#takeKey();
    const agent = await this.#agentOf(key.identity);
    return new Registration(this.#actor(agent), key, name, authnMethod(passkey, alias));
  }

  // What the identity is called and which passkeys it has.
  async details(session: Session): Promise<IdentityDetails> {
    const actor = await this.#actorOf(session);
    const answer = await actor.identity_info(session.number);
    if ("Err" in answer) {
      throw new Error("identity_info was refused");
    }
    return {
      name: answer.Ok.name[0],
      credentialIds: answer.Ok.authn_methods.flatMap(({ authn_method }) =>
        "WebAuthn" in authn_method ? [owned(authn_method.WebAuthn.credential_id)] : [],
      ),
    };
  }

  // The origin that the app's request is about. Throws UnverifiedOrigin.
  effectiveOrigin(origin: string, derivationOrigin: string | undefined): Promise<string> {
    return effectiveOrigin({
      origin,
      derivationOrigin,
      provider: location,
      fetch: (url, init) => fetch(url, init),
      isPrincipal,
    });
  }

  // The accounts of the identity at an origin, the default one first. The one
  // that has no number yet has none in every call.
  async accounts(session: Session, origin: string): Promise<accounts.Account[]> {
    return accounts.list(await this.#actorOf(session), session.number, origin);
  }

  async defaultAccount(session: Session, origin: string): Promise<bigint | undefined> {
    return accounts.standard(await this.#actorOf(session), session.number, origin);
  }

  // Throws AccountRefused, as do the next two.
  async createAccount(session: Session, origin: string, name: string): Promise<accounts.Account> {
    return accounts.create(await this.#actorOf(session), session.number, origin, name);
  }

  async nameAccount(
    session: Session,
    origin: string,
    account: bigint | undefined,
    name: string,
  ): Promise<accounts.Account> {
    return accounts.rename(await this.#actorOf(session), session.number, origin, account, name);
  }

  async setDefaultAccount(
    session: Session,
    origin: string,
    account: bigint | undefined,
  ): Promise<void> {
    await accounts.setStandard(await this.#actorOf(session), session.number, origin, account);
  }

  // The delegation for the app: one hop, signed by the service.
  async delegate(
    session: Session,
    origin: string,
    request: DelegationRequest,
    account?: bigint,
  ): Promise<DelegationResult> {
    const { sessionPublicKey, maxTimeToLive } = request;
    const actor = await this.#actorOf(session);
    const number = opt(account);
    const prepared = await actor.prepare_account_delegation(
      session.number,
      origin,
      number,
      sessionPublicKey,
      opt(maxTimeToLive),
    );
    if ("Err" in prepared) {
      throw new Error(`prepare_account_delegation: ${Object.keys(prepared.Err)[0]}`);
    }
    const { user_key, expiration } = prepared.Ok;
    for (const delay of fetchDelays) {
      await new Promise((resolve) => setTimeout(resolve, delay));
      const fetched = await actor.get_account_delegation(
        session.number,
        origin,
        number,
        sessionPublicKey,
        expiration,
      );
      if ("Ok" in fetched) {
        const { delegation, signature } = fetched.Ok;
        return {
          userPublicKey: owned(user_key),
          delegations: [
            {
              pubkey: owned(delegation.pubkey),
              expiration: delegation.expiration,
              signature: owned(signature),
            },
          ],
        };
      }
      if (!("NoSuchDelegation" in fetched.Err)) {
        throw new Error(`get_account_delegation: ${Object.keys(fetched.Err)[0]}`);
      }
    }
    throw new Error("the prepared delegation did not appear");
  }

  // The methods of another part of the interface, called by the session or by
  // nobody: screens that are loaded later bring theirs along.
  async as<T>(
    session: Session | undefined,
    methods: IDL.InterfaceFactory,
  ): Promise<ActorSubclass<T>> {
    const agent = session === undefined ? this.#agent : await this.#agentOf(session.identity);
    return this.#actor<T>(agent, methods);
  }

  #takeKey(): Promise<SessionKey> {
    const key = this.#nextKey;
    this.#nextKey = SessionKey.generate();
    return key;
  }

  #actor<T = Service>(
    agent: HttpAgent,
    methods: IDL.InterfaceFactory = () => service,
  ): ActorSubclass<T> {
    return Actor.createActor<T>(methods, {
      agent,
      canisterId: this.#canister,
      blsVerify: this.#trust.verify,
    });
  }

  async #actorOf({ identity }: Session): Promise<ActorSubclass<Service>> {
    return this.#actor(await this.#agentOf(identity));
  }

  #agentOf(identity: SignIdentity): Promise<HttpAgent> {
    return HttpAgent.create({
      host: location.origin,
      identity,
      rootKey: this.#agent.rootKey as Uint8Array,
      verifyQuerySignatures: false,
    });
  }
}

// Which key it is to be.
function asking({ prompt }: { prompt: boolean }): () => string | null | undefined {
  return () => (prompt ? globalThis.prompt("Dummy authentication: index of the key") : undefined);
}

// Bytes the service keeps of an origin.
const maxOriginBytes = 50;

// A passkey as the service keeps it.
export function authnMethod(
  passkey: NewPasskey,
  alias: string,
  purpose: AuthnMethodData["security_settings"]["purpose"] = { Authentication: null },
): AuthnMethodData {
  const metadata: [string, MetadataValue][] = [["alias", { String: alias }]];
  if (location.origin.length <= maxOriginBytes) {
    metadata.push(["origin", { String: location.origin }]);
  }
  if (passkey.attachment !== undefined) {
    const attachment = passkey.attachment === "platform" ? "platform" : "cross_platform";
    metadata.push(["authenticator_attachment", { String: attachment }]);
  }
  return {
    authn_method: {
      WebAuthn: {
        credential_id: passkey.credentialId,
        pubkey: passkey.publicKey,
        aaguid: opt(passkey.aaguid),
      },
    },
    security_settings: { protection: { Unprotected: null }, purpose },
    metadata,
    last_authentication: [],
  };
}

export function isPrincipal(text: string): boolean {
  try {
    return Principal.fromText(text).toText() === text;
  } catch {
    return false;
  }
}
