// The German texts.

import type { Texts } from "../language";
import type { en } from "./en";

export const de: Texts<typeof en> = {
  product: "Internet Identity",
  back: "Zurück",
  returnToApp: "Zurück zur App",
  tryAgain: "Noch einmal versuchen",
  home: "Zur Startseite",

  waiting: {
    title: "Verbindung wird hergestellt",
    text: "Die App sagt gleich, was sie braucht.",
    verifying: (app: string) => `Es wird geprüft, ob ${app} fragen darf.`,
  },

  picker: {
    title: "Anmelden",
    text: (app: string) => ["bei ", app, " mit einer Identität nur für diese App."] as const,
    textShared: (app: string, other: string) =>
      ["bei ", app, ` mit Ihrer Identität bei ${other}; das ist dort erlaubt.`] as const,
    continueWithPasskey: "Weiter mit Passkey",
    note: "Kein Passwort, keine E-Mail. Zwei Apps erkennen nicht, dass Sie dieselbe Person sind.",
    unavailable: "Passkeys sind hier nicht verfügbar",
    unavailableText:
      "Sie brauchen einen aktuellen Browser und eine sichere Adresse mit einem Hostnamen.",
    unavailableLocal: (address: string) =>
      `Passkeys brauchen einen Hostnamen. Die App sollte stattdessen ${address} öffnen.`,
  },

  chooser: {
    title: "Anmelden, ganz einfach",
    text: "Ein Passkey ist ein Schlüssel auf Ihrem Gerät oder in Ihrem Passwortmanager. Ihr Gesicht, Ihr Finger oder Ihre PIN schließt ihn auf; zu merken gibt es nichts.",
    create: "Neue Identität anlegen",
    existing: "Vorhandene Identität verwenden",
    authenticating: "Anmeldung läuft ...",
    numbered: "Noch eine Identität mit Nummer?",
    upgrade: "Umstellen",
  },

  naming: {
    title: "Wie heißen Sie?",
    text: "Der Name unterscheidet Ihre Identitäten. Apps sehen ihn nicht, und er darf beliebig sein.",
    label: "Name der Identität",
    create: "Identität anlegen",
    creating: "Identität wird angelegt ...",
    empty: "Bitte geben Sie einen Namen ein.",
    long: "Dieser Name ist zu lang.",
  },

  captcha: {
    title: "Eine kurze Prüfung",
    label: "Geben Sie die Zeichen genau so ein, wie Sie sie unten sehen",
    image: "Verzerrte Zeichen zum Abschreiben",
    submit: "Weiter",
    checking: "Wird geprüft ...",
    wrong: "Das stimmt nicht. Versuchen Sie es mit den neuen Zeichen.",
  },

  continue: {
    title: (app: string) => `Weiter zu ${app}`,
    text: "Die App kennt Sie unter einer Identität, die keine andere App sieht.",
    textShared: (other: string) => `Die App kennt Sie wie ${other}; das ist dort erlaubt.`,
    submit: "Weiter",
    busy: "Anmeldung läuft ...",
    second: "Ihre Identität hat bisher einen Zugang.",
    secondLink: "Zweiten hinzufügen",
  },

  accounts: {
    enable: "Mehrere Konten verwenden",
    choose: "Wählen Sie ein Konto",
    text: "Für die App ist jedes eine andere Person.",
    unnamed: "Mein Konto",
    continueWith: "Weiter mit",
    edit: (name: string) => `${name} bearbeiten`,
    standard: "Standard",
    add: "Weiteres Konto hinzufügen",
    full: "Mehr Konten sind nicht möglich",
    nameTitle: "Konto benennen",
    editTitle: "Konto bearbeiten",
    label: "Name des Kontos",
    asStandard: "Als Standard für die Anmeldung verwenden",
    create: "Konto anlegen",
    save: "Änderungen speichern",
    saving: "Wird gespeichert ...",
    cancel: "Abbrechen",
    notStandard: "Gespeichert, aber nicht als Standard. Bitte versuchen Sie das noch einmal.",
    empty: "Bitte geben Sie einen Namen ein.",
    limit: "Sie haben so viele Konten, wie der Dienst verwahrt.",
    long: "Dieser Name ist zu lang.",
    failed: "Der Dienst hat das nicht angenommen. Bitte versuchen Sie es noch einmal.",
  },

  switcher: {
    label: (name: string) => `Identität wechseln: ${name}`,
    menu: "Identitäten",
    another: "Andere Identität verwenden",
    manage: "Identität verwalten",
    unnamed: (number: string) => `Identität ${number}`,
  },

  dummy: {
    title: "Dummy-Anmeldung",
    text: "Hier kann jeder jeder sein. Nur für Tests von Apps, nie für Menschen.",
    create: "Test-Identität anlegen",
    created: "Nummer der Identität",
  },

  done: {
    title: "Angemeldet",
    text: (app: string) => `Es geht zurück zu ${app}.`,
    close: "Sie können dieses Fenster schließen.",
  },

  hints: {
    cancelled: "Es wurde kein Passkey verwendet. Sie können es noch einmal versuchen.",
    unsupported: "Ein Passkey dieser Art kann hier nicht verwendet werden.",
    present: "Dieser Authenticator hat schon einen Passkey für diese Identität.",
    unavailable: "Passkeys sind hier nicht verfügbar.",
    unknown: "Zu diesem Passkey gehört keine Identität. Sie können eine anlegen.",
    other: (name: string) => `Dieser Passkey gehört zu ${name}. Mit „Weiter“ verwenden Sie ihn.`,
    offline: "Der Dienst ist nicht erreichbar. Bitte versuchen Sie es noch einmal.",
    busy: "Gerade melden sich zu viele Menschen an. Bitte versuchen Sie es gleich noch einmal.",
    full: "Hier können keine Identitäten mehr angelegt werden.",
    expired: "Das hat zu lange gedauert. Bitte versuchen Sie es noch einmal.",
    invalid: "Diese Identität konnte nicht angelegt werden.",
  },

  problems: {
    unable: {
      title: "Keine Verbindung",
      text: "Keine App hat um eine Anmeldung gebeten. Bitte gehen Sie zu ihr zurück und versuchen Sie es noch einmal.",
      alone:
        "Diese Seite gehört zur Anmeldung bei einer App, die sie in einem eigenen Fenster öffnet.",
    },
    closed: {
      title: "Verbindung beendet",
      text: "Die App, die dieses Fenster geöffnet hat, ist nicht mehr da. Bitte beginnen Sie dort von vorn.",
    },
    invalid: {
      title: "Ungültige Anfrage",
      text: (app: string) => `Was ${app} verlangt, ist nicht zu verstehen.`,
      address: "Die Adresse dieser Seite verlangt zwei Dinge, die sich ausschließen.",
    },
    unverified: {
      title: "Ungeprüfte Herkunft",
      text: (app: string, other: string) =>
        `${app} darf nicht nach Ihrer Identität bei ${other} fragen.`,
    },
    failed: {
      title: "Anmeldung fehlgeschlagen",
      text: "Der Dienst konnte die Anmeldung nicht abschließen.",
    },
  },

  landing: {
    title: "Ein Passkey. In jeder App ein anderes Ich.",
    text: "Internet Identity meldet Sie ohne Passwort an und gibt jeder App eine eigene Identität, so dass keine zwei von ihnen erkennen, dass sie dieselbe Person kennen.",
    seals: ["ein Chat", "ein Wallet", "ein Spiel"],
    sealsCaption: "Eine Person, wie drei Apps sie sehen",
    panel: "Ihre Identität",
    panelText: "Legen Sie eine an, oder suchen Sie die, die Sie haben.",
    signedIn: (name: string) => `Hallo, ${name}`,
    numberLabel: "Identitätsnummer",
    signedInText: "Sie können sich bei jeder App anmelden, die Internet Identity anbietet.",
    createdText:
      "Ihre Identität ist fertig. Geben Sie ihr gleich einen zweiten Zugang: Ein verlorenes Gerät wäre sonst eine verlorene Identität.",
    second: "Zweiten Zugang hinzufügen",
    manage: "Identität verwalten",
    forget: "Auf diesem Gerät vergessen",
    lost: "Kein Zugang mehr?",
    recover: "Wiederherstellen",
    unavailableLocal: ["Passkeys brauchen einen Hostnamen. Öffnen Sie stattdessen ", "."] as const,
    integrate: {
      title: "In Ihre App einbauen",
      text: "Beide Client-Bibliotheken des Internet Computers arbeiten unverändert mit dieser Adresse.",
      tabs: "Client-Bibliothek",
      copy: "Kopieren",
      copied: "Kopiert",
      verify:
        "Ihre App bekommt eine Kette von Signaturen, die beim Wurzelschlüssel dieses Dienstes endet. Jeder Server kann sie offline prüfen.",
    },
  },
};
