for (const panel of document.querySelectorAll("section")) {
  const boxes = [...panel.querySelectorAll(".one input")];
  const all = panel.querySelector(".all input");
  const search = panel.querySelector("input[type=search]");
  const tally = () => { if (all) all.checked = boxes.every((box) => box.checked); };
  all?.addEventListener("change", () => { for (const box of boxes) box.checked = all.checked; });
  for (const box of boxes) box.addEventListener("change", tally);
  search?.addEventListener("input", () => {
    const wanted = search.value.toLowerCase();
    for (const box of boxes) box.parentElement.hidden = !box.parentElement.textContent.toLowerCase().includes(wanted);
  });
  panel.querySelector(".ghost")?.addEventListener("click", () => {
    for (const box of boxes) box.checked = false;
    tally();
  });
  panel.querySelector("[data-done]")?.addEventListener("click", (event) => {
    document.getElementById(event.currentTarget.dataset.done).textContent = "Success!";
  });
}
