import { Actor, HttpAgent } from "@icp-sdk/core/agent";
import { IDL } from "@icp-sdk/core/candid";
import { DelegationChain, DelegationIdentity, Ed25519KeyIdentity } from "@icp-sdk/core/identity";
import type { Principal } from "@icp-sdk/core/principal";
import type { Host } from "./service";
import type { ChainJSON } from "./verify";

// A session key that the test holds itself, so that it can act with what a
// sign-in grants.
export class SessionKey {
  private readonly identity = Ed25519KeyIdentity.generate();

  get der(): Uint8Array {
    return new Uint8Array(this.identity.getPublicKey().toDer());
  }

  // whoami asks the service who this key is with a chain.
  async whoami(service: Host, chain: ChainJSON): Promise<string> {
    const identity = DelegationIdentity.fromDelegation(this.identity, DelegationChain.fromJSON(JSON.stringify(chain)));
    const agent = await HttpAgent.create({ host: service.url, identity, rootKey: await service.rootKey() });
    const actor = Actor.createActor<{ whoami(): Promise<Principal> }>(
      () => IDL.Service({ whoami: IDL.Func([], [IDL.Principal], ["query"]) }),
      { agent, canisterId: service.canister },
    );
    return (await actor.whoami()).toText();
  }
}
