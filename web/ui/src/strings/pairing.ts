// The texts of letting another device in.

import { pick } from "../language";

const en = {
  link: "Pairing link",
  copied: "Copied",
  qr: "The pairing link as a QR code",
  cancel: "Cancel",
  again: "Start over",

  fresh: {
    title: "Can't find your identity?",
    text: "Open this link on a device that can still sign in, or scan the code with it.",
    connecting: "Generating code...",
    waiting: "Waiting for the other device. This page goes on by itself.",
    codeTitle: "Enter this code on the other device",
    codeText: "It shows that both devices are in your hands.",
    code: "Confirmation code",
    warning:
      "Tell this code to nobody. Whoever enters it gives you an identity of theirs, or takes part in yours.",
    confirmedTitle: "Confirm your sign-in",
    confirmedText: (name: string) =>
      `You are signing in as ${name}. With a passkey this device can do so from now on.`,
    create: "Create passkey",
    creating: "Creating passkey...",
  },

  old: {
    title: "Add another device",
    text: "Open this link on the device that is to be let in, or scan the code with it.",
    waiting: "Waiting for the other device. This page goes on by itself.",
    codeTitle: "Authorize new device",
    codeText: "Enter the six digits that your other device shows.",
    warning:
      "Go on only if that device is in your own hands. It will be able to do everything that you can.",
    confirm: "Confirm sign-in",
    confirming: "Confirming...",
    doneTitle: "Continue on your new device",
    doneText: "It can create its passkey now.",
    finish: "Done",
  },

  code: {
    digit: (index: number) => `Code input ${index}`,
    group: "Confirmation code",
    short: "The code has six digits.",
    wrong: (left: number) =>
      left === 1
        ? "That is not the code. One try is left."
        : `That is not the code. ${left} tries are left.`,
    nobody: "The other device has not asked yet. Look whether it shows a code.",
  },

  over: {
    title: "This did not work",
    late: "The other device did not answer in time.",
    closed: "This link is no longer good. Start over on the device that made it.",
    taken:
      "Another device has used this link already. If that was not yours, start over with a new link.",
    tries: "The code was wrong three times, so the link is no longer good.",
    badLink: "This link is not complete. Copy it once more.",
  },
} as const;

export const p = pick({
  en,
  de: {
    link: "Link zum Verbinden",
    copied: "Kopiert",
    qr: "Der Link zum Verbinden als QR-Code",
    cancel: "Abbrechen",
    again: "Von vorn",

    fresh: {
      title: "Keine Identität gefunden?",
      text: "Öffnen Sie diesen Link auf einem Gerät, das sich noch anmelden kann, oder scannen Sie damit den Code.",
      connecting: "Der Code wird gemacht ...",
      waiting: "Warten auf das andere Gerät. Diese Seite geht von selbst weiter.",
      codeTitle: "Geben Sie diesen Code am anderen Gerät ein",
      codeText: "Er zeigt, dass beide Geräte in Ihrer Hand sind.",
      code: "Bestätigungscode",
      warning:
        "Verraten Sie diesen Code niemandem. Wer ihn eingibt, gibt Ihnen seine Identität oder hat Teil an Ihrer.",
      confirmedTitle: "Bestätigen Sie Ihre Anmeldung",
      confirmedText: (name: string) =>
        `Sie melden sich als ${name} an. Mit einem Passkey kann dieses Gerät das von jetzt an auch.`,
      create: "Passkey anlegen",
      creating: "Passkey wird angelegt ...",
    },

    old: {
      title: "Weiteres Gerät hinzufügen",
      text: "Öffnen Sie diesen Link auf dem Gerät, das hinein soll, oder scannen Sie damit den Code.",
      waiting: "Warten auf das andere Gerät. Diese Seite geht von selbst weiter.",
      codeTitle: "Neues Gerät zulassen",
      codeText: "Geben Sie die sechs Ziffern ein, die Ihr anderes Gerät zeigt.",
      warning:
        "Gehen Sie nur weiter, wenn jenes Gerät in Ihrer Hand ist. Es wird alles können, was Sie können.",
      confirm: "Anmeldung bestätigen",
      confirming: "Wird bestätigt ...",
      doneTitle: "Weiter am neuen Gerät",
      doneText: "Dort kann jetzt der Passkey angelegt werden.",
      finish: "Fertig",
    },

    code: {
      digit: (index: number) => `Code-Feld ${index}`,
      group: "Bestätigungscode",
      short: "Der Code hat sechs Ziffern.",
      wrong: (left: number) =>
        left === 1
          ? "Das ist nicht der Code. Ein Versuch bleibt."
          : `Das ist nicht der Code. ${left} Versuche bleiben.`,
      nobody: "Das andere Gerät hat noch nicht gefragt. Sehen Sie nach, ob es einen Code zeigt.",
    },

    over: {
      title: "Das hat nicht geklappt",
      late: "Das andere Gerät hat nicht rechtzeitig geantwortet.",
      closed:
        "Dieser Link gilt nicht mehr. Fangen Sie auf dem Gerät, das ihn gemacht hat, von vorn an.",
      taken:
        "Ein anderes Gerät hat diesen Link schon benutzt. War das nicht Ihres, fangen Sie mit einem neuen Link von vorn an.",
      tries: "Der Code war dreimal falsch, daher gilt der Link nicht mehr.",
      badLink: "Dieser Link ist unvollständig. Kopieren Sie ihn noch einmal.",
    },
  },
});
