// The page of a code: the seconds tick, the phone may fill the code in. Without scripts the page does all of it, too.
const wait = document.querySelector("[data-wait]");
const again = document.querySelector("[data-again]");

if (wait && again) {
  const left = wait.querySelector("[data-left]");
  const over = document.querySelector("[data-wait-over]");
  const until = performance.now() + Number(wait.dataset.wait) * 1000;
  again.hidden = true;
  const tick = () => {
    const seconds = Math.ceil((until - performance.now()) / 1000);
    if (seconds > 0) {
      left.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
      return;
    }
    clearInterval(ticking);
    wait.hidden = true;
    again.hidden = false;
    // Said once, when it is so: a voice that counts down is a torment.
    over.textContent = over.dataset.waitOver;
  };
  const ticking = setInterval(tick, 500);
  tick();
}

// A phone that got the message offers to fill it in; the person sends the form.
const code = document.querySelector("[data-code] input[autocomplete='one-time-code']");
if (code && "OTPCredential" in window) {
  const giveUp = new AbortController();
  code.form.addEventListener("submit", () => giveUp.abort());
  navigator.credentials.get({ otp: { transport: ["sms"] }, signal: giveUp.signal })
    .then((credential) => { if (credential && !code.value) code.value = credential.code; })
    .catch(() => {});
}
