// Passkeys: the browser makes or proves one when a form marked for it is sent; what came of it goes along with the form.
(() => {
  "use strict";
  const words = {
    NotAllowedError: "Nothing was given: it was cancelled, took too long, or no passkey here fits.",
    InvalidStateError: "This device has a passkey for this account already.",
    SecurityError: "The browser makes no passkeys for this address.",
  };
  const able = Boolean(window.PublicKeyCredential && window.webauthnJSON);

  const asked = async (form) => {
    if (!form.dataset.from) return JSON.parse(form.dataset.options);
    const answer = await fetch(form.dataset.from, { headers: { Accept: "application/json" }, cache: "no-store" });
    if (!answer.ok) throw new Error(String(answer.status));
    return (await answer.json()).request_options;
  };

  const give = async (form, said) => {
    said.hidden = true;
    try {
      const credential = await window.webauthnJSON[form.dataset.passkey](await asked(form));
      form.elements.credential.value = JSON.stringify(credential);
      form.submit();
    } catch (error) {
      said.textContent = words[error.name] || "This did not work. Load the page again and repeat the step.";
      said.hidden = false;
    }
  };

  for (const form of document.querySelectorAll("form[data-passkey]")) {
    const said = form.querySelector("[data-said]");
    if (!able) {
      said.textContent = "This browser gives no passkeys here: it is too old, or the address is not https.";
      said.hidden = false;
      continue;
    }
    form.querySelector("button").disabled = false;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      give(form, said);
    });
  }
})();
