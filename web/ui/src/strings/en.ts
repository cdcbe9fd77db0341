// The English texts. Labels that tests and screen readers of the wider
// ecosystem know by heart are kept to the letter.

export const en = {
  product: "Internet Identity",
  back: "Back",
  returnToApp: "Return to app",
  tryAgain: "Try again",
  home: "Go to the start page",

  waiting: {
    title: "Connecting",
    text: "Waiting for the app to say what it needs.",
    verifying: (app: string) => `Checking that ${app} may ask.`,
  },

  picker: {
    title: "Sign in",
    text: (app: string) => ["to ", app, " with an identity made for it alone."] as const,
    textShared: (app: string, other: string) =>
      ["to ", app, ` with your identity at ${other}, which allows it.`] as const,
    continueWithPasskey: "Continue with passkey",
    note: "No password, no e-mail. Two apps cannot tell that you are one person.",
    unavailable: "Passkeys not available here",
    unavailableText: "They need a current browser and a secure address with a host name.",
    unavailableLocal: (address: string) =>
      `Passkeys need a host name. The app should ask for ${address} instead.`,
  },

  chooser: {
    title: "Simplify your sign-in",
    text: "A passkey is a key on your device or in your password manager. Your face, finger or PIN unlocks it; nothing has to be remembered.",
    create: "Create new identity",
    existing: "Use existing identity",
    authenticating: "Authenticating...",
    numbered: "Still have an identity number?",
    upgrade: "Upgrade",
  },

  naming: {
    title: "What's your name?",
    text: "It tells your identities apart. Apps don't see it, and it can be anything.",
    label: "Identity name",
    create: "Create identity",
    creating: "Creating identity...",
    empty: "Please enter a name.",
    long: "This name is too long.",
  },

  captcha: {
    title: "One quick check",
    label: "Type the characters exactly as shown below",
    image: "Distorted characters to type",
    submit: "Continue",
    checking: "Checking...",
    wrong: "Incorrect. Try again with the new code.",
  },

  continue: {
    title: (app: string) => `Continue to ${app}`,
    text: "It will know you by an identity that no other app sees.",
    textShared: (other: string) => `It will know you as ${other} does, which allows it.`,
    submit: "Continue",
    busy: "Signing in...",
    second: "Your identity has one way in so far.",
    secondLink: "Add a second",
  },

  accounts: {
    enable: "Enable multiple accounts",
    choose: "Choose an account",
    text: "The app sees each as somebody else.",
    unnamed: "My account",
    continueWith: "Continue with",
    edit: (name: string) => `Edit ${name}`,
    standard: "Default",
    add: "Add another account",
    full: "Limit reached",
    nameTitle: "Name account",
    editTitle: "Edit account",
    label: "Account name",
    asStandard: "Set as default sign-in",
    create: "Create account",
    save: "Save changes",
    saving: "Saving...",
    cancel: "Cancel",
    notStandard: "Saved, but not as the default. Please try that again.",
    empty: "Please enter a name.",
    limit: "You have as many accounts as the service keeps.",
    long: "This name is too long.",
    failed: "The service did not accept this. Please try again.",
  },

  switcher: {
    label: (name: string) => `Switch identity: ${name}`,
    menu: "Identities",
    another: "Use another identity",
    manage: "Manage Identity",
    unnamed: (number: string) => `Identity ${number}`,
  },

  dummy: {
    title: "Dummy authentication",
    text: "Everybody can be anybody here. For tests of apps only; never for people.",
    create: "Create test identity",
    created: "Identity number",
  },

  done: {
    title: "Signed in",
    text: (app: string) => `Returning to ${app}.`,
    close: "You can close this window.",
  },

  hints: {
    cancelled: "No passkey was used. You can try again.",
    unsupported: "This passkey is of a kind that cannot be used here.",
    present: "This authenticator already has a passkey for this identity.",
    unavailable: "Passkeys not available here.",
    unknown: "No identity belongs to this passkey. You can create one.",
    other: (name: string) => `This passkey belongs to ${name}. Continue to use it.`,
    offline: "The service could not be reached. Please try again.",
    busy: "Too many people are registering right now. Please try again in a moment.",
    full: "No more identities can be created here.",
    expired: "That took too long. Please try again.",
    invalid: "This identity could not be created.",
  },

  problems: {
    unable: {
      title: "Unable to connect",
      text: "No app has asked for a sign-in. Please go back to it and try again.",
      alone: "This page belongs to the sign-in of an app, which opens it in a window of its own.",
    },
    closed: {
      title: "Connection closed",
      text: "The app that opened this window is gone. Please start again from there.",
    },
    invalid: {
      title: "Invalid request",
      text: (app: string) => `${app} asked for something that cannot be understood.`,
      address: "The address of this page asks for two things that exclude each other.",
    },
    unverified: {
      title: "Unverified origin",
      text: (app: string, other: string) => `${app} may not ask for your identity at ${other}.`,
    },
    failed: {
      title: "Authentication failed",
      text: "The service could not complete the sign-in.",
    },
  },

  landing: {
    title: "One passkey. A different you for every app.",
    text: "Internet Identity signs you in without a password and gives every app an identity of its own, so that no two of them can tell they know the same person.",
    seals: ["a chat", "a wallet", "a game"],
    sealsCaption: "One person, as three apps see them",
    panel: "Your identity",
    panelText: "Create one now, or look up the one you have.",
    signedIn: (name: string) => `Hello, ${name}`,
    numberLabel: "Identity number",
    signedInText: "You are ready for every app that offers Internet Identity.",
    createdText:
      "Your identity is ready. Give it a second way in while you are here: a lost device would be a lost identity.",
    second: "Add a second way in",
    manage: "Manage Identity",
    forget: "Forget on this device",
    lost: "Lost access to your identity?",
    recover: "Recover",
    unavailableLocal: ["Passkeys need a host name. Open ", " instead."] as const,
    integrate: {
      title: "Add it to your app",
      text: "Both client libraries of the Internet Computer work unmodified, pointed at this address.",
      tabs: "Client library",
      copy: "Copy",
      copied: "Copied",
      verify:
        "What your app gets is a chain of signatures that ends in this service's root key. Any server can check it offline.",
    },
  },
} as const;
