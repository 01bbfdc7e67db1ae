// Enhancements: each page works as plain links and forms.
(() => {
  const doc = document;
  const $ = (selector, root = doc) => root.querySelector(selector);
  const make = (tag, properties) => Object.assign(doc.createElement(tag), properties);

  // Outside an open dialog all is inert.
  const raise = (to = [...doc.querySelectorAll("dialog[open]")].at(-1) || doc.body) => {
    for (const one of doc.querySelectorAll("#toasts, #offline")) if (one.parentElement !== to) to.append(one);
  };

  // Toasts ---------------------------------------------------------------------------------------------------------
  // From the server: HX-Trigger {"toast": {"text": "…", "undo": "/url"}}. Errors stay until dismissed.
  const linger = (toast, milliseconds) => {
    let timer;
    const start = () => { timer = setTimeout(() => toast.remove(), milliseconds); };
    const stop = () => clearTimeout(timer);
    for (const event of ["mouseenter", "focusin"]) toast.addEventListener(event, stop);
    for (const event of ["mouseleave", "focusout"]) toast.addEventListener(event, start);
    start();
  };
  const button = (text, act) => {
    const made = make("button", { type: "button", className: "btn btn--sm", textContent: text });
    if (act) made.addEventListener("click", act);
    return made;
  };
  const toast = ({ text, undo, error, retry }) => {
    const box = $("#toasts");
    if (!box) return;
    // Said again: the later Try again counts.
    if (error) [...box.children].find((other) => other.dataset.text === text)?.remove();
    const made = make("div", { className: error ? "toast toast--error" : "toast" });
    made.dataset.text = text;
    if (error) made.setAttribute("role", "alert");
    made.append(make("span", { className: "toast__text", textContent: text }));
    if (undo) {
      const back = button("Undo", typeof undo === "function" ? undo : null);
      back.dataset.undo = "";
      if (typeof undo === "string") { back.setAttribute("hx-post", undo); back.setAttribute("hx-swap", "none"); }
      back.addEventListener("click", () => setTimeout(() => made.remove()));
      made.append(back);
    }
    if (retry) made.append(button("Try again", () => { made.remove(); retry(); }));
    if (error) made.append(button("Dismiss", () => made.remove()));
    box.append(made);
    raise();
    if (undo) htmx.process(made);
    if (!error) linger(made, undo ? 10000 : 6000);
  };
  doc.addEventListener("toast", (e) => toast(e.detail));
  doc.addEventListener("click", (e) => { if (e.target.closest("[data-dismiss]")) e.target.closest(".toast").remove(); });
  for (const made of doc.querySelectorAll("#toasts > .toast:not(.toast--error)")) linger(made, 6000);

  // Failed requests ------------------------------------------------------------------------------------------------
  // A 5xx is never swapped; a 4xx is a fragment or brings its toast, see lib/htmx.py.
  const failed = new Set();
  const again = (ctx) => () => {
    const source = ctx.sourceElement, type = ctx.sourceEvent?.type;
    if (!source.isConnected) location.reload();
    else if (source.matches("form")) source.requestSubmit();
    else if (type === "click") source.click();
    else htmx.trigger(source, type || "click");
  };
  const background = (ctx) => ["every", "load", "revealed", "happened"].includes(ctx.sourceEvent?.type);
  const report = (ctx, text) => {
    if (background(ctx)) return;
    if (ctx.request?.method !== "GET") failed.add(ctx.sourceElement);
    toast({ text, error: true, retry: again(ctx) });
  };
  doc.addEventListener("htmx:response:error", (e) => {
    const { ctx } = e.detail, status = ctx.response.status;
    if (status < 500) return;
    const reference = ctx.response.headers.get("X-Request-Id");
    const text = status === 503 ? "Plumbline is busy or being updated." : "That did not work. Nothing was changed.";
    report(ctx, reference ? `${text} Reference ${reference.slice(0, 8)}.` : text);
  });
  doc.addEventListener("htmx:error", (e) => {
    const { ctx } = e.detail;
    if (!ctx || ctx.response) return;
    offline(true);
    report(ctx, "No answer from Plumbline. What you typed is still here.");
  });
  // The address says what the page shows.
  doc.addEventListener("htmx:before:history:update", (e) => { if (e.detail.response?.status >= 500) e.preventDefault(); });
  addEventListener("beforeunload", (e) => {
    for (const source of failed) if (!source.isConnected) failed.delete(source);
    if (failed.size) e.preventDefault();
  });

  // Offline bar
  function offline(is) {
    let bar = $("#offline");
    if (!is) return bar?.remove();
    if (bar) return;
    bar = make("p", { id: "offline", className: "offline", textContent: "Not connected. Changes are not being saved." });
    bar.setAttribute("role", "status");
    doc.body.append(bar);
    raise();
  }
  addEventListener("offline", () => offline(true));
  addEventListener("online", () => offline(false));

  doc.addEventListener("htmx:after:request", (e) => {
    const { ctx } = e.detail, { status } = ctx.response;
    offline(false);
    if (status < 400 || status === 401) failed.delete(ctx.sourceElement);
  });

  // Dialogs --------------------------------------------------------------------------------------------------------
  // What is swapped into a <dialog> opens it; a request from inside that succeeded elsewhere closes it.
  doc.addEventListener("htmx:before:swap", (e) => { if (e.detail?.ctx?.target instanceof HTMLDialogElement) raise(doc.body); });
  doc.addEventListener("htmx:after:swap", (e) => {
    const { target, sourceElement } = e.detail?.ctx || {};
    if (target instanceof HTMLDialogElement && !target.open && target.childElementCount) target.showModal();
    raise();
    refocus();
    $(`#${sourceElement?.closest?.("[data-leads-to]")?.dataset.leadsTo}`)?.focus();
  });
  doc.addEventListener("htmx:finally:request", (e) => {
    const { ctx } = e.detail, dialog = ctx.sourceElement?.closest?.("dialog[open]") || (ctx.dialog?.open && ctx.dialog);
    const status = ctx.response?.status;
    if (dialog && ctx.request.method !== "GET" && status >= 200 && status < 300 && (status === 204 || !dialog.contains(ctx.target))) dialog.close();
  });
  doc.addEventListener("htmx:before:request", (e) => { e.detail.ctx.dialog = e.detail.ctx.sourceElement?.closest?.("dialog[open]"); });
  doc.addEventListener("close", (e) => { raise(); delete e.target.dataset.typed; if (e.target.id === "modal") e.target.replaceChildren(); }, true);
  // A click beside a dialog, where a toast just was, must not lose what was typed: then Escape or Cancel closes it.
  doc.addEventListener("input", (e) => { const dialog = e.target.closest("dialog"); if (dialog) dialog.dataset.typed = ""; });
  doc.addEventListener("click", (e) => {
    const opener = e.target.closest("[data-open]");
    if (opener) $(`#${opener.dataset.open}`)?.showModal();
    if (e.target.closest("[data-close]")) { e.preventDefault(); e.target.closest("dialog")?.close(); }
    if (e.target instanceof HTMLDialogElement && e.target.id !== "signed-out" && !("typed" in e.target.dataset)) e.target.close();
  });

  // What had the focus may be gone after a swap: then its row gets it, or the page.
  let last, lastRow;
  doc.addEventListener("focusin", ({ target }) => {
    if (!target.closest("dialog, #toasts")) { last = target; lastRow = rowOf(target)?.id; }
  });
  const refocus = () => {
    if (doc.activeElement !== doc.body || !last || last.isConnected) return;
    ((lastRow && $(`#${lastRow} a`)) || $("main")).focus({ preventScroll: true });
  };

  // Keys -----------------------------------------------------------------------------------------------------------
  // data-key="g p" on a link or button; j and k walk the rows of a [data-rows] list.
  const visible = (element) => element.checkVisibility?.() ?? true;
  const byKey = (key, root = doc) => [...root.querySelectorAll(`[data-key="${CSS.escape(key)}"]`)].find(visible);
  const rowLinks = () => [...doc.querySelectorAll("[data-rows] .inbox__title, [data-rows] tbody .cell-link")].filter(visible)
    .filter((link, at, all) => !at || !rowOf(link)?.contains(all[at - 1]));  // a row may lead on by several
  const rowOf = (element) => element?.closest?.("[data-rows] > li, [data-rows] tr");
  const walk = (step) => {
    const links = rowLinks(), row = rowOf(doc.activeElement);
    const here = links.findIndex((link) => row?.contains(link));
    links[Math.max(0, Math.min(links.length - 1, here + step))]?.focus();
  };
  let prefix = 0;
  doc.addEventListener("keydown", (e) => {
    if (e.ctrlKey || e.metaKey || e.altKey || doc.body.dataset.keys === "off") return;
    if (e.target.closest?.("input, textarea, select, [contenteditable]") || $("dialog[open]")) return;
    let act;
    if (Date.now() - prefix < 1000) {
      const link = byKey(`g ${e.key}`);
      act = link && (() => link.click());
      prefix = 0;
    } else if (e.key === "g") {
      prefix = Date.now();
    } else if (e.key === "/") {
      const field = [...doc.querySelectorAll("[aria-keyshortcuts='/']")].find(visible);
      act = field && (() => { field.focus(); field.select?.(); });
    } else if (e.key === "?") {
      const help = $("#keys");
      act = help && (() => help.showModal());
    } else if (e.key === "j" || e.key === "k") {
      act = rowLinks().length && (() => walk(e.key === "j" ? 1 : -1));
    } else if (e.key === "u") {
      const undo = [...doc.querySelectorAll("#toasts [data-undo]")].at(-1);
      act = undo && (() => undo.click());
    } else if (e.key.length === 1) {
      const one = byKey(e.key, rowOf(doc.activeElement) || $("main") || doc);
      act = one && (() => one.click());
    }
    if (act) { e.preventDefault(); act(); }
  });

  // Heat maps: one tab stop, arrow keys move between cells ----------------------------------------------------
  const oneStop = (root) => root.querySelectorAll?.("table.heat").forEach((table) => {
    const stop = $("td.h a[tabindex='0']", table) || $("td.h a", table);
    for (const link of table.querySelectorAll("td.h a")) link.tabIndex = link === stop ? 0 : -1;
  });
  oneStop(doc);
  doc.addEventListener("htmx:after:process", (e) => oneStop(e.target));
  doc.addEventListener("keydown", (e) => {
    const from = e.target.closest?.("td.h a");
    if (!from) return;
    const cell = from.parentElement, row = cell.parentElement, at = cell.cellIndex;
    const to = {
      ArrowLeft: cell.previousElementSibling, ArrowRight: cell.nextElementSibling,
      ArrowUp: row.previousElementSibling?.cells[at], ArrowDown: row.nextElementSibling?.cells[at],
      Home: $("td.h", row), End: [...row.querySelectorAll("td.h")].at(-1),
    }[e.key];
    const link = to?.matches?.("td.h") && $("a", to);
    if (!link) return;
    e.preventDefault();
    from.tabIndex = -1;
    link.tabIndex = 0;
    link.focus();
  });

  // Counts in the navigation, where an act changed them: HX-Trigger {"counted": {"inbox": 3}}
  doc.addEventListener("counted", ({ detail }) => {
    for (const one of doc.querySelectorAll("[data-count]")) {
      const count = detail[one.dataset.count];
      if (count >= 0) { one.firstChild.data = count; one.hidden = !count; }
    }
  });

  // Entry grid: Enter and the arrows move along a column -----------------------------------------
  doc.addEventListener("keydown", (e) => {
    if (!e.target.matches?.(".entry :is(.input--num, .pair .input)") || !["Enter", "ArrowDown", "ArrowUp"].includes(e.key)) return;
    const all = [...doc.querySelectorAll(".entry :is(.input--num, .pair .input)")];
    const next = all[all.indexOf(e.target) + (e.key === "ArrowUp" ? -1 : 1)];
    if (next) { e.preventDefault(); next.focus(); next.select(); }
  });
})();
