// Figures typed by hand: looking at them (#change holds what was typed) is a step of its own, so that Back opens the filled form.
(() => {
  const LOOKING = "#check", looking = () => location.hash === LOOKING;
  const change = () => document.getElementById("change");
  document.addEventListener("htmx:after:swap", () => {
    const here = location.pathname + location.search;
    if (change()) { if (!looking()) history.pushState(null, "", here + LOOKING); }
    else if (looking()) history.replaceState(null, "", here);
  });
  addEventListener("popstate", () => {
    const typed = change();
    if (!typed) return;
    typed.open = !looking();
    (typed.open ? typed.querySelector(".input") : document.querySelector("#figures h2"))?.focus();
  });
})();
