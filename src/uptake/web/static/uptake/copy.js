// A button that copies what stands in a field. Without script, or where the browser forbids it, the button is not there.
(() => {
  "use strict";
  if (!navigator.clipboard) return;
  for (const button of document.querySelectorAll("button[data-copy]")) {
    const field = document.getElementById(button.dataset.copy);
    const words = button.textContent;
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(field.value);
      button.textContent = "Copied";
      window.setTimeout(() => { button.textContent = words; }, 3000);
    });
  }
})();
