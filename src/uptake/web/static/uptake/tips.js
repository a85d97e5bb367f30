// Tooltips for charts: the words are in each mark's <title>; here they only get a quick, readable place.
(() => {
  "use strict";
  const tip = document.createElement("div");
  tip.className = "tip";
  tip.hidden = true;
  tip.setAttribute("aria-hidden", "true");
  document.body.append(tip);

  const wordsOf = (target) => {
    const mark = target instanceof Element && target.closest(".chart [data-tip], .chart g, .chart path");
    if (!mark) return "";
    const title = mark.querySelector(":scope > title");
    if (title) {
      // Taken over from the browser's own slow tooltip.
      mark.dataset.tip = title.textContent;
      title.remove();
    }
    return mark.dataset.tip || "";
  };

  document.addEventListener("pointermove", (event) => {
    const words = wordsOf(event.target);
    tip.hidden = !words;
    if (!words) return;
    tip.textContent = words;
    const left = Math.min(event.clientX + 12, window.innerWidth - tip.offsetWidth - 8);
    tip.style.left = `${Math.max(8, left)}px`;
    tip.style.top = `${Math.max(8, event.clientY - tip.offsetHeight - 12)}px`;
  });
  const hide = () => { tip.hidden = true; };
  document.documentElement.addEventListener("pointerleave", hide);
  document.addEventListener("scroll", hide, { capture: true, passive: true });

  // After a form was refused, start where the reason is.
  const refused = document.querySelector("[data-start-here]");
  if (refused) refused.focus();
})();
