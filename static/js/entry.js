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

  // What could not be sent, because the session had ended or the line was down, is sent again once it can be.
  const unsent = new Set();
  const note = ({ sourceElement: slot, response }) => {
    if (!slot?.matches?.(".monthly tbody")) return;
    if (!response || response.status === 401 || response.status >= 500) unsent.add(slot.id);
    else unsent.delete(slot.id);
  };
  const sendAgain = () => {
    for (const id of unsent) {
      document.querySelector(`#${id} .input--num`)?.dispatchEvent(new Event("change", { bubbles: true }));
    }
  };
  for (const event of ["htmx:after:request", "htmx:error"]) document.addEventListener(event, (e) => e.detail.ctx && note(e.detail.ctx));
  document.addEventListener("close", (e) => e.target.matches("dialog") && sendAgain(), true);
  addEventListener("online", sendAgain);

  // Whoever leaves the sheet while a row is being saved waits for it.
  const saving = new Set();
  let leaving = null;
  document.addEventListener("htmx:before:request", ({ detail: { ctx } }) => {
    if (ctx.sourceElement.matches?.(".monthly tbody")) saving.add(ctx.sourceElement.id);
  });
  document.addEventListener("htmx:after:request", ({ detail: { ctx } }) => {
    saving.delete(ctx.sourceElement.id);
    setTimeout(() => { if (leaving && !saving.size) { const link = leaving; leaving = null; link.click(); } }, 50);
  });
  document.addEventListener("click", (e) => {
    const link = saving.size && e.target.closest?.("#foresight a");
    if (link) { e.preventDefault(); leaving = link; }
  });
  addEventListener("beforeunload", (e) => { if (saving.size && !leaving) e.preventDefault(); });

  // A block copied from a spreadsheet fills the fields from the one it is pasted into: across a line, and down the lines.
  document.addEventListener("paste", (e) => {
    const first = e.target.closest?.(".monthly .input--num");
    const rows = e.clipboardData.getData("text").replace(/\r?\n$/, "").split(/\r?\n/).map((line) => line.split("\t"));
    if (!first || (rows.length < 2 && rows[0].length < 2)) return;
    e.preventDefault();
    const lines = [...document.querySelectorAll(".monthly .pair")].map((line) => [...line.querySelectorAll(".input--num")]);
    const from = lines.findIndex((line) => line.includes(first)), column = lines[from].indexOf(first);
    const touched = new Set();
    rows.forEach((cells, down) => cells.forEach((text, right) => {
      const field = lines[from + down]?.[column + right];
      if (!field || !text.trim()) return;
      field.value = text.trim();
      touched.add(field.closest("tbody"));
    }));
    for (const slot of touched) slot.querySelector(".input--num").dispatchEvent(new Event("change", { bubbles: true }));
  });
})();
