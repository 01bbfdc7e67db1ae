// Passkeys: a form has one made or asks for one, puts the answer into its field, and is sent. The browser does the rest.
(() => {
  const doc = document, Key = window.PublicKeyCredential;
  const asked = async (form) => {
    const there = doc.getElementById("passkey-options");
    if (there) return JSON.parse(there.textContent);
    return (await fetch(form.action, { headers: { Accept: "application/json" } })).json();
  };
  const make = async (form) => {
    const given = (await asked(form)).creation_options.publicKey, alone = form.elements.passwordless.checked;
    given.authenticatorSelection = {
      ...given.authenticatorSelection,
      residentKey: alone ? "required" : "discouraged", requireResidentKey: alone, ...(alone && { userVerification: "required" }),
    };
    return navigator.credentials.create({ publicKey: Key.parseCreationOptionsFromJSON(given) });
  };
  const ask = async (form) => navigator.credentials.get({
    publicKey: Key.parseRequestOptionsFromJSON((await asked(form)).request_options.publicKey),
  });
  const WORDS = {
    NotAllowedError: "It was not confirmed, or it took too long. Try again.",
    InvalidStateError: "This device holds a passkey of yours already.",
  };
  const say = (form, text) => {
    const said = form.querySelector("[data-says]");
    said.textContent = text;
    said.hidden = !text;
  };
  for (const form of doc.querySelectorAll("form[data-passkey]")) {
    const field = form.elements.credential, button = form.querySelector("[type=submit]");
    if (!Key?.parseRequestOptionsFromJSON) {
      button.disabled = true;
      say(form, "This browser cannot use passkeys. A newer one can.");
      continue;
    }
    form.addEventListener("submit", async (e) => {
      if (field.value) return;
      e.preventDefault();
      say(form, "");
      button.disabled = true;
      try {
        field.value = JSON.stringify(await (form.dataset.passkey === "make" ? make : ask)(form));
        form.requestSubmit();
      } catch (error) {
        say(form, WORDS[error.name] || "That did not work in this browser. Reload the page and try again.");
        button.disabled = false;
      }
    });
  }
})();
