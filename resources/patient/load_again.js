/*
 * Loads the page again when a part of it did not come: a phone that changes between Wi-Fi and mobile while the page
 * loads would show an empty page for ever. No module, for it has to be there before the first one.
 */
(() => {
  const KEY = "teleconsole.loads";
  const MOST = 5;
  const PAUSE_MS = 800;

  let failed = false;

  window.addEventListener("error", (event) => {
    if (!(event.target instanceof HTMLScriptElement)) return;
    failed = true;
    const loads = Number(sessionStorage.getItem(KEY) ?? "0");
    if (loads >= MOST) return;
    sessionStorage.setItem(KEY, String(loads + 1));
    setTimeout(() => location.reload(), PAUSE_MS * (loads + 1));
  }, true);

  window.addEventListener("load", () => {
    if (!failed) sessionStorage.removeItem(KEY);
  });
})();
