// Letters open actions, when the person wants that; every action is a link without it.
const KEPT = "staff-keys";
const box = document.querySelector("[data-keys]");
const store = (() => { try { return window.localStorage; } catch { return null; } })();

if (box) {
  document.querySelector("[data-keys-switch]").hidden = false;
  box.checked = store?.getItem(KEPT) !== "off";
  box.addEventListener("change", () => store?.setItem(KEPT, box.checked ? "on" : "off"));
}

document.addEventListener("keydown", (event) => {
  if (!box?.checked || event.ctrlKey || event.altKey || event.metaKey || event.repeat) return;
  if (event.target.closest("input:not([type=checkbox]), textarea, select")) return;
  const wanted = event.key.toUpperCase();
  const link = [...document.querySelectorAll("a[data-key]")].find((one) => wanted.length === 1 && one.dataset.key.includes(wanted));
  if (!link) return;
  event.preventDefault();
  link.focus();
  link.click();
});
