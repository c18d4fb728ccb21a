// A sum is taken over by a tap instead of a new page.
const amount = document.querySelector("#id_amount");
for (const sum of document.querySelectorAll("[data-sum]")) {
  sum.addEventListener("click", (event) => {
    event.preventDefault();
    amount.value = sum.dataset.sum;
    amount.focus();
  });
}

// A payment that is waited for is looked at again, more and more seldom, while somebody sees the page.
const waiting = document.querySelector("[data-waits]");
if (waiting) {
  let pause = Number(waiting.dataset.every) * 1000;
  const look = async () => {
    if (document.hidden) return void document.addEventListener("visibilitychange", look, { once: true });
    try {
      const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
      const text = await answer.text();
      const now = new DOMParser().parseFromString(text, "text/html").querySelector("[data-waits]");
      if (answer.redirected || now?.dataset.waits !== waiting.dataset.waits) return void location.reload();
    } catch { /* The link is lost: the next look finds it again. */ }
    pause = Math.min(pause * 1.3, 60000);
    setTimeout(look, pause);
  };
  setTimeout(look, pause);
}
