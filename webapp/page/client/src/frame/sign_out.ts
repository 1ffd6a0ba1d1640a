// Signing out: nothing of the page stays on the device but what was chosen for it.

export const csrf = () => document.querySelector<HTMLMetaElement>("meta[name=csrf-token]")?.content ?? "";

/** Sends the form of the bar, as its button does. */
export const signOut = () => document.querySelector<HTMLFormElement>("form.sign-out")?.requestSubmit();
