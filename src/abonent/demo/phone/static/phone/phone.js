// New messages and calls come by themselves: look every two seconds, and take the page's own drawing of them when there are any.
const screen = () => document.getElementById("screen");
const down = () => { screen().scrollTop = screen().scrollHeight; };
const word = `/phone/newest.json?number=${encodeURIComponent(screen().dataset.number)}`;
let newest = screen().dataset.newest;

const look = async () => {
  const { newest: last } = await (await fetch(word)).json();
  if (last !== newest) {
    const page = new DOMParser().parseFromString(await (await fetch(location.href)).text(), "text/html");
    for (const id of ["power", "calls", "talks", "screen"]) {
      const [here, there] = [document.getElementById(id), page.getElementById(id)];
      if (there.ariaLabel) here.ariaLabel = there.ariaLabel;
      here.replaceChildren(...there.childNodes);
    }
    document.querySelector(".handset").className = page.querySelector(".handset").className;
    down();
  }
  newest = last;
};

down();
setInterval(() => { if (!document.hidden) look().catch(() => {}); }, 2000);
look().catch(() => {});
