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

  // the scoreboard: choose a report, a verdict, headlines, words
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
    const headlines = make("input", { type: "checkbox", name: "headlines" });
    const words = make("input", { type: "search", name: "words" });
    headlines.addEventListener("change", show);
    words.addEventListener("input", show);
    const texts = new Map(rows.map((row) => [row, row.textContent.toLowerCase()]));
    function show() {
      const wanted = words.value.toLowerCase().split(/\s+/);
      for (const row of rows) {
        row.hidden = selects.some((s) => s.value && row.dataset[s.name] !== s.value)
          || (headlines.checked && !("headline" in row.dataset))
          || !wanted.every((word) => texts.get(row).includes(word));
      }
      const shown = rows.filter((row) => !row.hidden);
      const thin = shown.filter((row) => "thin" in row.dataset).length;
      count.textContent = `${shown.length} of ${rows.length} claims${thin ? `, ${thin} of them thin` : ""}`;
    }
    const labels = selects.map((select) => make("label", {}, `${select.name} `, select));
    labels.push(make("label", {}, headlines, "headlines only"), make("label", {}, "search ", words));
    (table.closest(".pst-scrollable-table-container") ?? table).before(make("div", { className: "scoreboard-tools" }, ...labels, count));
    show();
    // a link to a row that is hidden shows all rows again
    const reveal = () => {
      if (!document.getElementById(location.hash.slice(1))?.closest("tr[hidden]")) return;
      for (const choice of [...selects, words]) choice.value = "";
      headlines.checked = false;
      show();
    };
    addEventListener("hashchange", reveal);
    reveal();
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
    const place = make("div", {}, button);
    old.replaceWith(place);
    button.append(image);
    // a wide figure scrolls on a phone; one that was given a width is small enough
    const measure = () => place.classList.toggle("wide", !image.style.width && image.naturalWidth > 1.3 * image.naturalHeight);
    if (image.complete) measure();
    else image.addEventListener("load", measure);
    button.addEventListener("click", () => {
      dialog.replaceChildren(make("img", { src: image.src, alt: image.alt }));
      dialog.showModal();
    });
  }
});
