(() => {
"use strict";
const page = document, root = page.documentElement, all = (what, where = page) => [...where.querySelectorAll(what)];
const button = page.getElementById("theme"), system = matchMedia("(prefers-color-scheme: dark)");
const dark = () => root.dataset.theme ? root.dataset.theme === "dark" : system.matches;
const tell = () => { button.textContent = dark() ? "Light theme" : "Dark theme"; };
button.addEventListener("click", () => { root.dataset.theme = dark() ? "light" : "dark"; tell(); });
system.addEventListener("change", tell);
button.hidden = false;
tell();
for (const tools of all(".find")) {
  const items = [...tools.parentNode.querySelector(".rows").children];
  const [search, ...filters] = all("input,select", tools), said = tools.querySelector("output");
  let texts;
  const find = () => {
    texts ??= items.map((item) => item.textContent.toLowerCase().replace(/\s+/g, " "));
    const wanted = search.value.toLowerCase().trim().replace(/\s+/g, " ");
    let shown = 0;
    items.forEach((item, i) => {
      const keys = (item.dataset.k ?? "").split(" ");
      const fits = texts[i].includes(wanted) && filters.every((one, j) => !one.value || one.value === keys[j]);
      item.hidden = !fits;
      shown += fits;
    });
    said.textContent = `${shown} of ${items.length} rows`;
  };
  tools.addEventListener("input", find);
  tools.hidden = false;
  said.textContent = `${items.length} rows`;
}
// In the frame of a notebook a link would lead to the notebook.
if (location.protocol === "about:") page.addEventListener("click", (event) => {
  const link = event.target.closest("a");
  if (!link) return;
  event.preventDefault();
  page.getElementById(link.hash.slice(1)).scrollIntoView();
});
let opened = [];
addEventListener("beforeprint", () => { opened = all(".evidence:not([open])"); opened.forEach((one) => { one.open = true; }); });
addEventListener("afterprint", () => opened.forEach((one) => { one.open = false; }));
})();
