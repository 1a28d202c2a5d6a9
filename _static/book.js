// Enhancements of pages that read well without them: sorting, filters, figures opened large.
document.addEventListener("DOMContentLoaded", () => {
  const make = (tag, properties = {}, ...children) => {
    const element = Object.assign(document.createElement(tag), properties);
    element.append(...children);
    return element;
  };

  // the number a cell begins with, else its words; empty cells come last
  const value = (row, column) => {
    const text = row.cells[column].textContent.trim();
    const number = parseFloat(text.replaceAll("−", "-").replaceAll(",", ""));
    return Number.isNaN(number) ? text.toLowerCase() : number;
  };
  const compare = (a, b) => {
    if (a === "" || b === "") return (a === "") - (b === "");
    if (typeof a !== typeof b) return typeof a === "number" ? -1 : 1;
    return typeof a === "number" ? a - b : a.localeCompare(b);
  };
  for (const table of document.querySelectorAll("table.sortable")) {
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, column) => {
      const button = make("button", { type: "button" }, ...head.querySelector("p").childNodes);
      head.querySelector("p").append(button);
      button.addEventListener("click", () => {
        const turn = head.getAttribute("aria-sort") === "ascending" ? -1 : 1;
        heads.forEach((other) => other.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", turn === 1 ? "ascending" : "descending");
        const key = (row) => value(row, column);
        const rows = [...table.tBodies[0].rows];
        rows.sort((a, b) => (key(a) === "" || key(b) === "" ? 1 : turn) * compare(key(a), key(b)));
        table.tBodies[0].append(...rows);
      });
    });
  }

  // the scoreboard: choose a report, a verdict
  for (const table of document.querySelectorAll("table.scoreboard")) {
    const rows = [...table.tBodies[0].rows];
    const count = make("span", { role: "status" });
    const selects = ["report", "verdict"].map((name) => {
      const values = [...new Set(rows.map((row) => row.dataset[name]))];
      const options = values.map((text) => new Option(text.replaceAll("_", " "), text));
      const select = make("select", { name }, new Option("all", ""), ...options);
      select.addEventListener("change", show);
      return select;
    });
    function show() {
      for (const row of rows) row.hidden = selects.some((s) => s.value && row.dataset[s.name] !== s.value);
      count.textContent = `${rows.filter((row) => !row.hidden).length} of ${rows.length} claims`;
    }
    const labels = selects.map((select) => make("label", {}, `${select.name} `, select));
    (table.closest(".pst-scrollable-table-container") ?? table).before(make("div", { className: "scoreboard-tools" }, ...labels, count));
    show();
  }

  // who follows a number to its run, or a badge to its claim, sees it unfolded
  const unfold = () => {
    const section = location.hash && document.getElementById(location.hash.slice(1));
    for (const part of section ? section.querySelectorAll("details.folded") : []) part.open = true;
    if (section) section.scrollIntoView();
  };
  addEventListener("hashchange", unfold);
  unfold();

  // a figure opens large
  const dialog = make("dialog", { className: "zoom" });
  dialog.setAttribute("aria-label", "Enlarged figure");
  dialog.addEventListener("click", () => dialog.close());
  document.addEventListener("keydown", (event) => event.key === "Escape" && dialog.open && dialog.close(), true);
  document.body.append(dialog);
  for (const image of document.querySelectorAll("figure img, .cell_output img")) {
    const button = make("button", { type: "button", className: "zoomable" });
    const old = image.closest("a.image-reference") ?? image;
    old.replaceWith(button);
    button.append(image);
    button.addEventListener("click", () => {
      dialog.replaceChildren(make("img", { src: image.src, alt: image.alt }));
      dialog.showModal();
    });
  }
});
