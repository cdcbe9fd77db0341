// The lines an app needs, with this service's own address in them.

export interface Sample {
  library: string;
  code: string;
}

export function samples(origin: string): Sample[] {
  return [
    {
      library: "@icp-sdk/auth",
      code: `import { AuthClient } from "@icp-sdk/auth/client";

const client = new AuthClient({
  identityProvider: "${origin}/authorize",
});

button.onclick = async () => {
  const identity = await client.signIn();
  console.log(identity.getPrincipal().toText());
};`,
    },
    {
      library: "@dfinity/auth-client",
      code: `import { AuthClient } from "@dfinity/auth-client";

const client = await AuthClient.create();

button.onclick = () =>
  client.login({
    identityProvider: "${origin}",
    onSuccess: () => {
      const identity = client.getIdentity();
      console.log(identity.getPrincipal().toText());
    },
  });`,
    },
  ];
}
