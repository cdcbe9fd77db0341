import { AuthClient } from "@dfinity/auth-client";
import { DelegationIdentity } from "@dfinity/identity";
import type { Library, Session } from "./session";

// AuthClient.create is asynchronous, and a window may be opened only in the
// click itself: so the client is made when the page loads, and again after
// signing out, since a client keeps its session key for as long as it lives.
let client: AuthClient | undefined;
let loading = load();

async function load(): Promise<AuthClient> {
  client = undefined;
  // The library's own rule is to sign people out when they do nothing for ten
  // minutes. Here the delegation's end is the only one.
  client = await AuthClient.create({ idleOptions: { disableIdle: true } });
  return client;
}

// Sign in with @dfinity/auth-client: the legacy window messages.
export const dfinity: Library = {
  signIn: ({ identityProvider, derivationOrigin, maxTimeToLive }) =>
    new Promise((resolve, reject) => {
      const auth = client;
      if (auth === undefined) {
        reject(new Error("the client library is still loading, try again"));
        return;
      }
      void auth.login({
        identityProvider,
        derivationOrigin,
        maxTimeToLive,
        onError: (text) => reject(new Error(text ?? "the sign-in failed")),
        onSuccess: () => resolve(session(auth)),
      });
    }),
  async restore() {
    const auth = await loading;
    return (await auth.isAuthenticated()) ? session(auth) : undefined;
  },
};

function session(auth: AuthClient): Session {
  const identity = auth.getIdentity();
  if (!(identity instanceof DelegationIdentity)) {
    throw new Error("the sign-in returned no delegation");
  }
  return {
    chain: identity.getDelegation().toJSON(),
    sign: (message) => identity.sign(message as never),
    async signOut() {
      await auth.logout();
      loading = load();
      await loading;
    },
  };
}
