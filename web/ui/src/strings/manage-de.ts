// The German texts of manage.ts.

import type { Texts } from "../language";
import type { manageEn } from "./manage";

export const manageDe: Texts<typeof manageEn> = {
  nav: {
    label: "Ihre Identität",
    home: "Übersicht",
    access: "Zugänge",
    accessShort: "Zugänge",
    recovery: "Notfall",
    apps: "Apps",
    history: "Verlauf",
  },
  signOut: "Abmelden",
  signOutForget: "Abmelden und auf diesem Gerät vergessen",
  cancel: "Abbrechen",
  save: "Änderungen speichern",
  saving: "Wird gespeichert ...",
  tryAgain: "Noch einmal versuchen",
  loading: "Einen Moment",

  gate: {
    title: (name: string) => `Weiter als ${name}`,
    text: "Ihr Passkey zeigt, dass Sie es sind. Erst dann ist hier etwas zu sehen oder zu ändern.",
    open: "Weiter mit Passkey",
    opening: "Anmeldung läuft ...",
    lost: "Kein Zugang mehr?",
    recover: "Wiederherstellen",
  },

  home: {
    title: (name: string) => `Willkommen, ${name}.`,
    identity: "Identität",
    name: "Name",
    number: "Nummer der Identität",
    numberText:
      "Zum Anmelden brauchen Sie sie nie. Heben Sie sie für die Wiederherstellung mit einem Sicherheitsschlüssel auf.",
    since: "Angelegt",
    rename: "Identität umbenennen",
    renameTitle: "Identität umbenennen",
    renamed: "Ihre Identität hat einen neuen Namen.",
    aloneTitle: "Ein verlorenes Gerät, und diese Identität ist verloren",
    aloneText:
      "Es gibt nur einen Zugang. Ohne diesen Passkey kommt niemand mehr an Ihre Konten in irgendeiner App: weder Sie noch die Menschen, die diesen Dienst betreiben. Ein zweiter Zugang dauert eine Minute.",
    alonePhrase: "Wiederherstellungsphrase aufschreiben",
    aloneDevice: "Weiteres Gerät hinzufügen",
    safeTitle: "Sie kommen wieder hinein",
    safeText: (ways: number) =>
      `Diese Identität hat ${ways} Zugänge. Einen davon zu verlieren schadet nicht.`,
    safeLink: "Alle ansehen",
  },

  access: {
    title: "Zugänge",
    text: "Jeder davon meldet Sie allein überall an.",
    passkey: "Passkey",
    key: "Anderer Schlüssel",
    unknown: "Unbekannt",
    lastUsed: (when: string) => `Zuletzt benutzt: ${when}`,
    never: "Noch nicht benutzt",
    now: "Gerade jetzt",
    add: "Hinzufügen",
    full: "Mehr Passkeys haben hier keinen Platz.",
    options: "Weitere Möglichkeiten",
    optionsOf: (name: string) => `Weitere Möglichkeiten: ${name}`,
    rename: "Umbenennen",
    remove: "Entfernen",
    addTitle: "Zugang hinzufügen",
    addHere: "Ein Passkey hier",
    addHereText: "Auf diesem Gerät, in Ihrem Passwortmanager oder auf Ihrem Telefon daneben.",
    addThere: "Ein anderes Gerät",
    addThereText: "Mit einem Code von hier nach dort. Das geht über jede Entfernung.",
    adding: "Passkey wird angelegt ...",
    added: (name: string) => `${name} wurde hinzugefügt.`,
    renameTitle: "Passkey umbenennen",
    label: "Name des Passkeys",
    renamed: (name: string) => `Der Name ist jetzt ${name}.`,
    removeTitle: "Sind Sie sicher?",
    removeText: (name: string) =>
      `${name} öffnet diese Identität dann nicht mehr. Das lässt sich nicht rückgängig machen.`,
    removeNow: "Sie sind gerade damit angemeldet und werden hier abgemeldet.",
    removeLeft: (ways: number) =>
      ways === 1
        ? "Dann bleibt ein Zugang. Geht auch er verloren, ist diese Identität mit allem verloren."
        : `Dann bleiben ${ways} Zugänge.`,
    removeAction: "Passkey entfernen",
    removing: "Wird entfernt ...",
    removed: (name: string) => `${name} wurde entfernt.`,
    last: "Der einzige Zugang lässt sich nicht entfernen.",
    recoveryTitle: "Für den schlimmsten Tag",
    recoveryText:
      "Eine Wiederherstellungsphrase oder ein Sicherheitsschlüssel lässt Sie hinein, wenn alle Geräte weg sind.",
    recoveryLink: "Notfall",
  },

  apps: {
    title: "Apps",
    text: "Wo sich diese Identität angemeldet hat. Jede App kennt Sie unter einer eigenen Identität.",
    none: "Noch keine App hat Sie gesehen.",
    noneText: "Melden Sie sich irgendwo an, dann steht die App hier.",
    lastUsed: (when: string) => `Zuletzt benutzt: ${when}`,
    show: "Konten bei",
    accounts: "Konten",
    standard: "Standard",
    unnamed: "Mein Konto",
    edit: (name: string) => `${name} umbenennen`,
    renameTitle: "Konto umbenennen",
    label: "Name des Kontos",
    renamed: (name: string) => `Das Konto heißt jetzt ${name}.`,
  },

  history: {
    title: "Verlauf",
    text: "Jede Änderung an dieser Identität, die neueste zuerst. Nur Sie können das lesen.",
    none: "Noch wurde nichts geändert.",
    more: "Mehr anzeigen",
    with: (method: string) => `mit ${method}`,
    operations: {
      register_anchor: "Identität angelegt",
      add_device: (method: string) => `${method || "Ein Zugang"} hinzugefügt`,
      update_device: (method: string) => `${method || "Ein Zugang"} geändert`,
      replace_device: (method: string) =>
        method === "" ? "Ein Zugang ersetzt" : `Ersetzt durch ${method}`,
      remove_device: "Ein Zugang entfernt",
      identity_metadata_replace: "Angaben geändert",
      add_name: "Namen gegeben",
      update_name: "Namen geändert",
      remove_name: "Namen entfernt",
      create_account: "Konto in einer App hinzugefügt",
      update_account: "Konto in einer App geändert",
      set_default_account: "Standardkonto einer App gewählt",
      other: "Etwas anderes geändert",
    },
  },

  problems: {
    empty: "Bitte geben Sie einen Namen ein.",
    long: "Dieser Name ist zu lang.",
    full: "In dieser Identität ist kein Platz mehr.",
    used: "Dieser Passkey öffnet schon eine andere Identität.",
    gone: "Diesen Zugang gibt es nicht mehr.",
    refused: "Der Dienst hat das nicht angenommen. Bitte versuchen Sie es noch einmal.",
    other: "Dieser Passkey gehört zu einer anderen Identität. Wählen Sie zuerst diese.",
  },
};
