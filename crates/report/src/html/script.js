// Filter, sort and search, deep links, copying, values under the pointer, flame graphs. Data becomes text or attributes of
// elements that are created here one by one; it is never read as markup.
"use strict";
(() => {
  const $ = (id) => document.getElementById(id);
  const SVG = "http://www.w3.org/2000/svg";

  // --- Theme ----------------------------------------------------------------------------------------------------------
  const THEMES = ["auto", "light", "dark"];
  const remembered = (value) => {
    // A browser may forbid storage to a file; the choice is then forgotten with the tab.
    try {
      if (value === undefined) return localStorage.getItem("perfpower-theme");
      localStorage.setItem("perfpower-theme", value);
    } catch { /* nothing to remember with */ }
    return null;
  };
  const setTheme = (theme) => {
    if (theme === "auto") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
    $("theme").textContent = `Theme: ${theme}`;
  };
  let theme = THEMES.includes(remembered()) ? remembered() : "auto";
  setTheme(theme);
  $("theme").hidden = false;
  $("theme").addEventListener("click", () => {
    theme = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length];
    setTheme(theme);
    remembered(theme);
  });

  const list = $("cards");
  if (!list) return;

  // --- Cards ----------------------------------------------------------------------------------------------------------
  const index = JSON.parse($("index").textContent).map(([id, app, category, metric, outcome, change, owners, version, words], rank) => ({
    rank, id, app, category, metric, outcome, change, owners, version, owner: owners[0] ?? "\uffff",
    text: [id, app, category, metric, outcome, version, words].join("\n").toLowerCase(),
  }));
  const cards = Array.from(list.children);
  const served = cards.length;

  // ["tag", {attributes}, children…] as an element; no handler, no style and no link but into this page.
  const element = ([tag, attributes, ...children], inSvg) => {
    const svg = inSvg || tag === "svg";
    const node = svg ? document.createElementNS(SVG, tag) : document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (!name.startsWith("on") && name !== "style" && (name !== "href" || value.startsWith("#"))) {
        node.setAttribute(name, value);
      }
    }
    for (const child of children) node.append(typeof child === "string" ? child : element(child, svg));
    return node;
  };
  const ready = (card) => {
    for (const button of card.querySelectorAll(".copy")) button.hidden = false;
    for (const plot of card.querySelectorAll(".plot")) preparePlot(plot);
  };

  // The cards that the page does not show at first lie in it in packed blocks; a block is opened once, when it is needed.
  const size = Number($("later").dataset.block);
  const blocks = new Map();
  const open = async (number) => {
    const packed = $("later").textContent.split("\n")[number];
    const bytes = Uint8Array.from(atob(packed), (c) => c.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
    const trees = JSON.parse(await new Response(stream).text());
    trees.forEach((tree, i) => {
      const card = element(tree, false);
      ready(card);
      cards[served + number * size + i] = card;
    });
  };
  const load = (rank) => {
    if (cards[rank]) return null;
    const number = Math.floor((rank - served) / size);
    if (!blocks.has(number)) blocks.set(number, open(number));
    return blocks.get(number);
  };

  // --- Filter, sort, search -------------------------------------------------------------------------------------------
  const BATCH = 25;
  const tools = $("tools");
  const controls = ["outcome", "app", "category", "owner", "version"].filter($);
  // A list of thousands is typed at: what is no whole name is a part of one.
  const known = { app: new Set(index.map((row) => row.app)), version: new Set(index.map((row) => row.version)) };
  const fits = (row, key, wanted) => {
    if (key === "owner") return row.owners.includes(wanted);
    if (!known[key] || known[key].has(wanted)) return row[key] === wanted;
    return row[key].toLowerCase().includes(wanted.toLowerCase());
  };
  const byText = (key) => (a, b) => (a[key] < b[key] ? -1 : a[key] > b[key] ? 1 : a.rank - b.rank);
  const orders = {
    rank: (a, b) => a.rank - b.rank,
    change: (a, b) => b.change - a.change || a.rank - b.rank,
    app: byText("app"),
    metric: byText("metric"),
    owner: byText("owner"),
    version: (a, b) => b.version.localeCompare(a.version, "en", { numeric: true }) || a.rank - b.rank,
  };
  let shown = index;
  let drawn = served;
  let turn = 0;

  // Puts the cards up to a place on the page, as far as they are there.
  const place = (upTo) => {
    const next = shown.slice(drawn, upTo).map((row) => cards[row.rank]);
    const there = next.includes(undefined) ? next.slice(0, next.indexOf(undefined)) : next;
    if (drawn === 0) list.replaceChildren(...there);
    else list.append(...there);
    drawn += there.length;
    const left = shown.length - drawn;
    $("more").hidden = left === 0;
    $("more").textContent = `Show ${Math.min(BATCH, left)} more of ${left.toLocaleString("en")}`;
  };
  const draw = async (upTo) => {
    const mine = turn;
    try {
      await Promise.all(shown.slice(drawn, upTo).map((row) => load(row.rank)));
    } catch {
      // Browsers of before 2023; everything else still works.
      if (mine === turn) $("count").textContent += `; this browser cannot unpack the cards after the first ${served}`;
    }
    // A later question has its own answer.
    if (mine === turn) place(upTo);
  };
  // What is asked for stands in the address, so that it can be kept and sent.
  const remember = () => {
    const asked = new URLSearchParams();
    for (const key of ["q", ...controls]) if ($(key).value) asked.set(key, $(key).value);
    if ($("sort").value !== "rank") asked.set("sort", $("sort").value);
    const hash = asked.size ? `#findings?${asked}` : location.hash.startsWith("#findings?") ? "#findings" : location.hash;
    if (hash !== location.hash) history.replaceState(null, "", hash || "#");
  };
  const recall = () => {
    const asked = /^#findings\?(.*)/.exec(location.hash)?.[1];
    if (asked === undefined) return false;
    const wanted = new URLSearchParams(asked);
    for (const key of ["q", ...controls]) $(key).value = wanted.get(key) ?? "";
    if (orders[wanted.get("sort") ?? "rank"]) $("sort").value = wanted.get("sort") ?? "rank";
    apply();
    $("findings").scrollIntoView();
    return true;
  };
  const apply = () => {
    const terms = $("q").value.toLowerCase().split(/\s+/).filter(Boolean);
    shown = index
      .filter((row) => controls.every((key) => !$(key).value || fits(row, key, $(key).value))
        && terms.every((term) => row.text.includes(term)))
      .sort(orders[$("sort").value]);
    drawn = 0;
    turn += 1;
    const all = index.length.toLocaleString("en");
    const some = shown.length.toLocaleString("en");
    const noun = index.length === 1 ? "finding" : "findings";
    $("empty").hidden = shown.length > 0;
    $("count").textContent = shown.length === index.length ? `${all} ${noun}` : `${some} of ${all} ${noun}`;
    return draw(BATCH);
  };
  tools.hidden = false;
  tools.addEventListener("submit", (event) => event.preventDefault());
  const ask = () => { remember(); return apply(); };
  tools.addEventListener("input", ask);
  tools.addEventListener("reset", () => setTimeout(ask));
  $("clear").addEventListener("click", () => { tools.reset(); $("q").focus(); });
  $("more").addEventListener("click", async () => {
    const next = drawn;
    await draw(drawn + BATCH);
    list.children[next]?.querySelector("h3 a")?.focus();
  });
  new IntersectionObserver((entries) => {
    if (entries.some((entry) => entry.isIntersecting)) draw(drawn + BATCH);
  }, { rootMargin: "1200px" }).observe($("more"));
  cards.forEach(ready);
  place(served);

  // Paper has no script and does not wait: what is there is printed, up to what a printer bears.
  addEventListener("beforeprint", () => {
    place(300);
    for (const code of list.querySelectorAll("details[data-print]")) code.open = true;
  });

  // --- Links ----------------------------------------------------------------------------------------------------------
  const clear = () => {
    for (const key of controls) $(key).value = "";
    $("q").value = "";
  };
  const follow = async () => {
    if (recall()) return;
    const id = /^#finding-([0-9a-f]{16})/.exec(location.hash)?.[1];
    if (!id) return;
    if (!$(`finding-${id}`)) {
      clear();
      $("q").value = id;
      await apply();
    }
    $(`finding-${id}`)?.scrollIntoView();
    $(`finding-${id}`)?.focus({ preventScroll: true });
  };
  addEventListener("hashchange", follow);
  document.addEventListener("click", (event) => {
    const cell = event.target.closest?.("a[data-app]");
    if (!cell) return;
    clear();
    $("app").value = cell.dataset.app;
    $("category").value = cell.dataset.category;
    event.preventDefault();
    ask();
    $("findings").scrollIntoView();
    $("findings").focus({ preventScroll: true });
  });

  // --- Values under the pointer and the arrow keys --------------------------------------------------------------------
  function preparePlot(plot) {
    const rows = () => plot.closest(".card").querySelectorAll(".values tbody tr");
    const heads = () => plot.closest(".card").querySelectorAll(".values thead th");
    let at = -1;
    let cursor = null;
    let readout = null;
    const show = (next) => {
      const all = rows();
      if (!all.length) return;
      at = Math.max(0, Math.min(all.length - 1, next));
      if (!cursor) {
        cursor = document.createElement("div");
        cursor.className = "cursor";
        plot.append(cursor);
        readout = document.createElement("output");
        readout.className = "readout";
        plot.after(readout);
      }
      cursor.style.left = `${(100 * (at + 0.5)) / all.length}%`;
      readout.textContent = Array.from(all[at].children)
        .map((cell, i) => (i > 1 ? `${heads()[i].textContent} ${cell.textContent}` : cell.textContent + (i === 1 ? ` ${heads()[1].textContent}` : "")))
        .filter((text) => !text.endsWith(" –") && text.trim() !== "older downloads")
        .join(" · ");
    };
    plot.tabIndex = 0;
    plot.setAttribute("role", "group");
    plot.setAttribute("aria-label", "Chart; the arrow keys read its values");
    plot.addEventListener("pointermove", (event) => {
      const box = plot.getBoundingClientRect();
      show(Math.floor(((event.clientX - box.left) / box.width) * rows().length));
    });
    plot.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: Infinity }[event.key];
      if (step === undefined) return;
      event.preventDefault();
      show(step);
    });
  }

  // --- Copying --------------------------------------------------------------------------------------------------------
  const escaped = (text) => text.trim().replace(/\s+/g, " ").replace(/[\\`*_{}[\]<>()#|~]/g, "\\$&");
  const fenced = (text) => {
    // A fence longer than any run of backticks inside cannot be ended by the text.
    const longest = Math.max(2, ...Array.from(text.matchAll(/`+/g), (run) => run[0].length));
    return `${"`".repeat(longest + 1)}\n${text.trim()}\n${"`".repeat(longest + 1)}`;
  };
  const markdown = (card) => {
    const text = (selector) => card.querySelector(selector)?.textContent ?? "";
    const table = card.querySelector(".values");
    const row = (cells) => `| ${Array.from(cells, (cell) => escaped(cell.textContent)).join(" | ")} |`;
    const kicker = Array.from(card.querySelectorAll(".kicker bdi"), (part) => escaped(part.textContent)).join(" · ");
    const parts = [
      `### ${escaped(text("h3"))}`,
      `${kicker} · **${escaped(text(".outcome"))}**`,
      escaped(text(".sentence")),
    ];
    if (table) {
      const heads = table.querySelectorAll("thead th");
      const rule = `|${Array.from(heads, (_, i) => (i ? " ---: " : " --- ")).join("|")}|`;
      parts.push([row(heads), rule, ...Array.from(table.querySelectorAll("tbody tr"), (r) => row(r.children))].join("\n"));
    }
    parts.push(fenced(text(".command")));
    return `${parts.join("\n\n")}\n`;
  };
  const offer = (card, text) => {
    // Where the clipboard is closed to a file, the text is shown, selected.
    card.querySelector(".copied")?.remove();
    const area = document.createElement("textarea");
    area.className = "copied";
    area.readOnly = true;
    area.value = text;
    area.setAttribute("aria-label", "Text to copy");
    card.append(area);
    area.select();
  };
  list.addEventListener("click", async (event) => {
    const button = event.target.closest(".copy");
    if (!button) return;
    const card = button.closest(".card");
    const text = { markdown: () => markdown(card), waiver: () => button.dataset.text }[button.dataset.copy]?.()
      ?? card.querySelector(".command").textContent;
    try {
      await navigator.clipboard.writeText(text);
      const label = button.textContent;
      button.textContent = "Copied";
      setTimeout(() => { button.textContent = label; }, 1500);
    } catch {
      offer(card, text);
    }
  });

  // --- Flame graphs ---------------------------------------------------------------------------------------------------
  list.addEventListener("toggle", (event) => {
    const flame = event.target.open && event.target.querySelector(".flame:not([data-ready])");
    if (flame) prepareFlame(flame);
  }, true);
  function prepareFlame(flame) {
    flame.dataset.ready = "yes";
    const frames = Array.from(flame.children).map((node) => ({
      node, id: node.dataset.frame, parent: node.dataset.parent,
      x: parseFloat(node.getAttribute("x")), width: parseFloat(node.getAttribute("width")),
      name: node.querySelector("title").textContent.toLowerCase(),
    }));
    const byId = new Map(frames.map((frame) => [frame.id, frame]));
    const byNode = new Map(frames.map((frame) => [frame.node, frame]));
    const zoom = (on) => {
      const above = new Set();
      for (let frame = on; frame; frame = byId.get(frame.parent)) above.add(frame);
      for (const frame of frames) {
        const isAbove = above.has(frame) && frame !== on;
        const inside = !on || isAbove || (frame.x >= on.x - 1e-6 && frame.x + frame.width <= on.x + on.width + 1e-6);
        frame.node.toggleAttribute("hidden", !inside);
        frame.node.setAttribute("display", inside ? "inline" : "none");
        frame.node.classList.toggle("above", Boolean(on) && isAbove);
        const x = !on ? frame.x : isAbove ? 0 : (100 * (frame.x - on.x)) / on.width;
        const width = !on ? frame.width : isAbove ? 100 : (100 * frame.width) / on.width;
        frame.node.setAttribute("x", `${x}%`);
        frame.node.setAttribute("width", `${width}%`);
      }
      reset.hidden = !on;
    };
    const bar = document.createElement("div");
    bar.className = "flame-tools";
    const label = document.createElement("label");
    label.append("Find a frame ");
    const input = document.createElement("input");
    input.type = "search";
    label.append(input);
    const found = document.createElement("output");
    const reset = document.createElement("button");
    reset.type = "button";
    reset.textContent = "Show all";
    reset.hidden = true;
    bar.append(label, reset, found);
    flame.closest("figure").prepend(bar);
    input.addEventListener("input", () => {
      const wanted = input.value.toLowerCase();
      let hits = 0;
      for (const frame of frames) {
        const hit = wanted !== "" && frame.name.includes(wanted);
        frame.node.classList.toggle("found", hit);
        hits += hit;
      }
      found.textContent = wanted ? `${hits} of ${frames.length} frames` : "";
    });
    reset.addEventListener("click", () => { zoom(null); frames[0].node.focus(); });
    flame.addEventListener("click", (event) => {
      const frame = byNode.get(event.target.closest(".frame"));
      if (frame) zoom(frame);
    });
    // One stop of the Tab key; the arrow keys walk the tree.
    frames.forEach((frame, i) => {
      frame.node.setAttribute("tabindex", i ? "-1" : "0");
      frame.node.setAttribute("role", "button");
      frame.node.setAttribute("aria-label", frame.node.querySelector("title").textContent);
    });
    flame.addEventListener("keydown", (event) => {
      const frame = byNode.get(event.target.closest?.(".frame"));
      if (!frame) return;
      const visible = frames.filter((other) => other.node.getAttribute("display") !== "none");
      const siblings = visible.filter((other) => other.parent === frame.parent);
      const here = siblings.indexOf(frame);
      const next = {
        ArrowUp: byId.get(frame.parent),
        ArrowDown: visible.find((other) => other.parent === frame.id),
        ArrowLeft: siblings[here - 1],
        ArrowRight: siblings[here + 1],
      }[event.key];
      if (next) {
        event.preventDefault();
        frame.node.setAttribute("tabindex", "-1");
        next.node.setAttribute("tabindex", "0");
        next.node.focus();
      } else if (event.key === "Enter" || event.key === " ") {
        event.preventDefault();
        zoom(frame);
      } else if (event.key === "Escape") {
        zoom(null);
      }
    });
  }

  follow();
})();
