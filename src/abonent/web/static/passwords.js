// Fields of passwords: show and hide, what the keyboard is set to, how strong a new one is. Each page works without.
const CYRILLIC = /[а-яё]/i;
const ROWS = ["1234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm", "йцукенгшщзхъ", "фывапролджэ", "ячсмитьбю", "abcdefghijklmnopqrstuvwxyz", "абвгдежзийклмнопрстуфхцчшщъыьэюя"];
const WAYS = ROWS.flatMap((row) => [row, [...row].reverse().join("")]);

// The length, each run of keys side by side or of one key counted as two: as the server counts.
const worth = (text) => {
  const small = text.toLowerCase();
  let total = 0;
  for (let start = 0; start < small.length;) {
    let end = start + 1;
    while (end < small.length && small[end] === small[start]) end += 1;
    for (const row of WAYS) {
      let stop = start + 1;
      while (stop < small.length && row.includes(small.slice(start, stop + 1))) stop += 1;
      end = Math.max(end, stop);
    }
    total += end - start >= 3 ? 2 : end - start;
    start = end;
  }
  return total;
};

const strength = (text) => {
  const kinds = [[/\d/, 10], [/[a-z]/, 26], [/[A-Z]/, 26], [/[а-яё]/, 33], [/[А-ЯЁ]/, 33], [/[^\wа-яё]/i, 30]];
  const alphabet = kinds.reduce((sum, [kind, size]) => sum + (kind.test(text) ? size : 0), 0);
  const varied = 2 * new Set(text.toLowerCase()).size;
  const bits = Math.min(worth(text), varied) * Math.log2(Math.max(alphabet, 2));
  return bits >= 70 ? 3 : bits >= 52 ? 2 : bits >= 36 ? 1 : 0;
};

for (const box of document.querySelectorAll("[data-password]")) {
  const input = box.querySelector("input");
  const hint = box.querySelector(".password-hint");
  const meter = box.querySelector("[data-meter]");

  const toggle = document.createElement("button");
  toggle.type = "button";
  toggle.className = "reveal";
  toggle.setAttribute("aria-controls", input.id);
  const turn = (shown) => {
    input.type = shown ? "text" : "password";
    toggle.textContent = shown ? box.dataset.hide : box.dataset.show;
    toggle.setAttribute("aria-pressed", String(shown));
  };
  toggle.addEventListener("click", () => turn(input.type === "password"));
  turn(input.type === "text");
  input.after(toggle);
  // A password that is being sent is not kept among what the field suggests.
  input.form.addEventListener("submit", () => turn(false));

  let capitals = false;
  const say = () => {
    if (hint) {
      const words = [];
      if (capitals) words.push(box.dataset.capitals);
      if (CYRILLIC.test(input.value)) words.push(box.dataset.russian);
      if (hint.textContent !== words.join(". ")) hint.textContent = words.join(". ");
    }
    if (meter) {
      const short = [...input.value].length < Number(meter.dataset.length);
      const level = short ? 0 : strength(input.value);
      meter.dataset.level = input.value ? level + 1 : 0;
      const words = input.value ? (short ? meter.dataset.short : meter.dataset.words.split("|")[level]) : "";
      if (meter.textContent !== words) meter.textContent = words;
    }
  };
  for (const kind of ["keydown", "keyup"]) {
    input.addEventListener(kind, (event) => {
      capitals = event.getModifierState?.("CapsLock") ?? false;
      say();
    });
  }
  input.addEventListener("input", say);
  input.addEventListener("blur", () => { capitals = false; say(); });
  if (input.value) say();
}

// The suggested password is written into the fields, shown, and selected.
for (const button of document.querySelectorAll("[data-suggestion]")) {
  button.addEventListener("click", (event) => {
    event.preventDefault();
    for (const box of button.form.querySelectorAll("[data-password]")) {
      const input = box.querySelector("input[autocomplete='new-password']");
      if (!input) continue;
      input.value = button.dataset.suggestion;
      input.dispatchEvent(new Event("input"));
      if (input.type === "password") box.querySelector(".reveal").click();
    }
    button.form.querySelector("input[autocomplete='new-password']").focus();
  });
}
