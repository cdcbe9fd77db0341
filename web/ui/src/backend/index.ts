// The service, as the screens see it. This is the large part of the page (the
// agent and its cryptography), so it is loaded beside the part that is visible.

import { Actor, type ActorSubclass, HttpAgent, type SignIdentity } from "@icp-sdk/core/agent";
import { safeGetCanisterEnv } from "@icp-sdk/core/agent/canister-env";
import type { IDL } from "@icp-sdk/core/candid";
import { Principal } from "@icp-sdk/core/principal";
import { owned } from "../bytes";
import { type NewPasskey, signWithPasskey } from "../crypto/passkey";
import { effectiveOrigin } from "../protocol/origins";
import type { DelegationRequest, DelegationResult } from "../protocol/request";
import { RegistrationRefused, UnknownPasskey } from "./errors";
import { service } from "./idl";
import { type Session, SessionKey } from "./session";
import type { AuthnMethodData, FinishError, MetadataValue, Next, Service } from "./types";

export type { Session };

export type RegistrationStep = { captcha: string; wrong: boolean } | { session: Session };

export interface IdentityDetails {
  name: string | undefined;
  credentialIds: Uint8Array<ArrayBuffer>[];
}

// A delegation can be fetched as soon as the state that holds it is certified;
// behind another replica that can be a moment later. Milliseconds.
const fetchDelays = [0, 100, 200, 400, 800, 1600, 3200];

// Finishing may reveal that a captcha is wanted after all, or that the flow ran
// out while the person was looking at it.
const maxRestarts = 3;

export class Backend {
  readonly #agent: HttpAgent;
  readonly #canister: Principal;
  readonly #anonymous: ActorSubclass<Service>;
  // Generated ahead: a passkey dialog may need to open within the click.
  #nextKey: Promise<SessionKey>;

  private constructor(agent: HttpAgent, canister: Principal) {
    this.#agent = agent;
    this.#canister = canister;
    this.#anonymous = this.#actor(agent);
    this.#nextKey = SessionKey.generate();
  }

  static async connect(canisterId: string): Promise<Backend> {
    const rootKey = safeGetCanisterEnv()?.IC_ROOT_KEY;
    const agent = await HttpAgent.create({
      host: location.origin,
      ...(rootKey === undefined ? { shouldFetchRootKey: true } : { rootKey }),
      // The two queries need no node's signature: a wrong answer to the first
      // makes the next call fail, and the second carries the signature that
      // the app verifies.
      verifyQuerySignatures: false,
    });
    return new Backend(agent, Principal.fromText(canisterId));
  }

  // Signs in with any of the given passkeys, or any at all. One dialog.
  async signIn(credentialIds: Uint8Array<ArrayBuffer>[]): Promise<{
    session: Session;
    credentialId: Uint8Array<ArrayBuffer>;
  }> {
    const grant = (await this.#takeKey()).grant(Date.now());
    const signature = await signWithPasskey(grant.challenge, credentialIds);
    const [found] = await this.#anonymous.lookup_device_key(signature.credentialId);
    if (found === undefined) {
      throw new UnknownPasskey();
    }
    return {
      session: grant.signed(found.anchor_number, owned(found.pubkey), signature),
      credentialId: signature.credentialId,
    };
  }

  async register(name: string, passkey: NewPasskey, alias: string): Promise<Registration> {
    const key = await this.#takeKey();
    const agent = await this.#agentOf(key.identity);
    return new Registration(this.#actor(agent), key, name, authnMethod(passkey, alias));
  }

  // What the identity is called and which passkeys it has.
  async details(session: Session): Promise<IdentityDetails> {
    const actor = this.#actor(await this.#agentOf(session.identity));
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

  // The delegation for the app: one hop, signed by the service.
  async delegate(
    session: Session,
    origin: string,
    request: DelegationRequest,
  ): Promise<DelegationResult> {
    const { sessionPublicKey, maxTimeToLive } = request;
    const actor = this.#actor(await this.#agentOf(session.identity));
    const prepared = await actor.prepare_account_delegation(
      session.number,
      origin,
      [],
      sessionPublicKey,
      maxTimeToLive === undefined ? [] : [maxTimeToLive],
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
        [],
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
    return Actor.createActor<T>(methods, { agent, canisterId: this.#canister });
  }

  #takeKey(): Promise<SessionKey> {
    const key = this.#nextKey;
    this.#nextKey = SessionKey.generate();
    return key;
  }

  #actor(agent: HttpAgent): ActorSubclass<Service> {
    return Actor.createActor<Service>(() => service, { agent, canisterId: this.#canister });
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

// One registration: the passkey exists, the identity does not yet.
export class Registration {
  readonly #actor: ActorSubclass<Service>;
  readonly #key: SessionKey;
  readonly #name: string;
  readonly #method: AuthnMethodData;
  #started = false;

  constructor(
    actor: ActorSubclass<Service>,
    key: SessionKey,
    name: string,
    method: AuthnMethodData,
  ) {
    this.#actor = actor;
    this.#key = key;
    this.#name = name;
    this.#method = method;
  }

  // Goes as far as it can: to the identity, or to a captcha.
  async proceed(): Promise<RegistrationStep> {
    if (this.#started) {
      return this.#finish(maxRestarts);
    }
    return this.#start(maxRestarts);
  }

  async solve(solution: string): Promise<RegistrationStep> {
    const answer = await this.#actor.check_captcha({ solution });
    if ("Ok" in answer) {
      return this.#step(answer.Ok, maxRestarts);
    }
    if ("WrongSolution" in answer.Err) {
      return { captcha: answer.Err.WrongSolution.new_captcha_png_base64, wrong: true };
    }
    if ("UnexpectedCall" in answer.Err) {
      return this.#step(answer.Err.UnexpectedCall, maxRestarts);
    }
    return this.#start(maxRestarts);
  }

  async #start(restarts: number): Promise<RegistrationStep> {
    const answer = await this.#actor.identity_registration_start();
    if ("Ok" in answer) {
      this.#started = true;
      return this.#step(answer.Ok, restarts);
    }
    if ("AlreadyInProgress" in answer.Err) {
      this.#started = true;
      return this.#finish(restarts);
    }
    throw new RegistrationRefused("RateLimitExceeded" in answer.Err ? "busy" : "invalid");
  }

  #step({ next_step }: Next, restarts: number): Promise<RegistrationStep> {
    return "CheckCaptcha" in next_step
      ? Promise.resolve({ captcha: next_step.CheckCaptcha.captcha_png_base64, wrong: false })
      : this.#finish(restarts);
  }

  async #finish(restarts: number): Promise<RegistrationStep> {
    const answer = await this.#actor.identity_registration_finish({
      authn_method: this.#method,
      name: [this.#name],
    });
    if ("Ok" in answer) {
      return { session: this.#key.registered(answer.Ok.identity_number, Date.now()) };
    }
    return this.#refused(answer.Err, restarts);
  }

  #refused(error: FinishError, restarts: number): Promise<RegistrationStep> {
    if (restarts === 0) {
      throw new RegistrationRefused("expired");
    }
    if ("NoRegistrationFlow" in error) {
      return this.#start(restarts - 1);
    }
    if ("UnexpectedCall" in error) {
      return this.#step(error.UnexpectedCall, restarts - 1);
    }
    if ("IdentityLimitReached" in error) {
      throw new RegistrationRefused("full");
    }
    throw new RegistrationRefused(
      "invalid",
      "InvalidAuthnMethod" in error ? error.InvalidAuthnMethod : error.StorageError,
    );
  }
}

// Bytes the service keeps of an origin.
const maxOriginBytes = 50;

function authnMethod(passkey: NewPasskey, alias: string): AuthnMethodData {
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
        aaguid: passkey.aaguid === undefined ? [] : [passkey.aaguid],
      },
    },
    security_settings: { protection: { Unprotected: null }, purpose: { Authentication: null } },
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
