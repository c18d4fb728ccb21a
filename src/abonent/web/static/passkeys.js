// Passkeys: the browser answers what the page asks (data-question) into the hidden field, and the form goes out.
const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)))
  .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
const named = (keys) => (keys ?? []).map((key) => ({ ...key, id: bytes(key.id) }));

const ask = async (act, question) => {
  const publicKey = { ...question, challenge: bytes(question.challenge) };
  if (act === "create") {
    publicKey.user = { ...question.user, id: bytes(question.user.id) };
    publicKey.excludeCredentials = named(question.excludeCredentials);
    return navigator.credentials.create({ publicKey });
  }
  publicKey.allowCredentials = named(question.allowCredentials);
  return navigator.credentials.get({ publicKey });
};

const written = ({ id, rawId, type, response }) => {
  const answer = { clientDataJSON: text(response.clientDataJSON) };
  for (const part of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (response[part]) answer[part] = text(response[part]);
  }
  if (response.getTransports) answer.transports = response.getTransports();
  return JSON.stringify({ id, rawId: text(rawId), type, response: answer });
};

for (const place of document.querySelectorAll("[data-passkey]")) {
  const say = (words) => {
    const problem = place.querySelector("[data-problem]");
    problem.hidden = !words;
    problem.querySelector("span").textContent = words;
  };
  place.querySelector("[data-needs-script]").hidden = true;
  if (!window.PublicKeyCredential) {
    say(place.dataset.impossible);
    continue;
  }
  place.querySelector("[data-with-script]").hidden = false;
  const form = place.closest("form");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (form.dataset.busy) return;
    form.dataset.busy = "1";
    say("");
    try {
      const credential = await ask(place.dataset.passkey, JSON.parse(place.dataset.question));
      place.querySelector("[name=passkey]").value = written(credential);
      form.submit();
    } catch (error) {
      const { held, impossible, refused } = place.dataset;
      say({ InvalidStateError: held, NotSupportedError: impossible, SecurityError: impossible }[error.name] ?? refused);
    } finally {
      delete form.dataset.busy;
    }
  });
}
