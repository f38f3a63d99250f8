"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const byId = (id) => document.getElementById(id);
  const memory = `avgen-picks:${location.pathname}`;
  const picks = new Map(remembered()); // clip id -> file name of its take
  const cards = new Map(); // file name -> element

  function remembered() {
    try {
      const files = new Map(data.takes.map((take) => [take.file, take.clip]));
      const saved = JSON.parse(localStorage.getItem(memory) || "[]");
      return saved.filter(([clip, file]) => files.get(file) === clip);
    } catch {
      return []; // some browsers forbid storage to local files
    }
  }

  function remember() {
    try {
      localStorage.setItem(memory, JSON.stringify([...picks]));
    } catch {
      // picks then last as long as the page
    }
  }

  /** Create an element; text never becomes markup. */
  function make(tag, properties = {}, ...children) {
    const element = Object.assign(document.createElement(tag), properties);
    element.append(...children);
    return element;
  }

  function describe(pairs) {
    const list = make("dl");
    for (const [name, value] of pairs) {
      list.append(make("dt", { textContent: name }), make("dd", { textContent: value }));
    }
    return list;
  }

  function fold(title, pairs) {
    return make("details", {}, make("summary", { textContent: title }), describe(pairs));
  }

  const short = (number) => String(Number(number.toPrecision(4)));

  function makeCard(take) {
    const video = make("video", { src: take.src, poster: take.poster, preload: "none", playsInline: true });
    const play = make("button", { type: "button", className: "play", textContent: "▶", tabIndex: -1 });
    play.setAttribute("aria-label", `Play ${take.file}`);
    const screen = make("div", { className: "screen" }, video, play);
    const link = make("a", { href: take.src, textContent: take.file, title: take.file, id: `take-${cards.size}` });
    const pick = make("button", { type: "button", className: "pick", textContent: "Pick" });
    pick.setAttribute("aria-label", `Pick ${take.file}`);
    const facts = [
      ["seed", String(take.seed)],
      ["camera", take.camera],
      ["duration", `${take.duration.toFixed(2)} s`],
    ];
    const measures = data.metrics.filter((name) => name in take.metrics);
    const about = make("div", { className: "about" }, make("div", { className: "name" }, link, pick));
    about.append(describe(facts), make("p", { className: "sorted" }));
    if (measures.length) about.append(fold("Measures", measures.map((name) => [name, short(take.metrics[name])])));
    about.append(fold("Settings", [["actor", take.actor], ...Object.entries(take.settings)]));
    const card = make("li", { className: "take", tabIndex: -1 }, screen, about);
    card.setAttribute("aria-labelledby", link.id);
    card.dataset.file = take.file;
    play.addEventListener("click", () => toggle(card));
    pick.addEventListener("click", () => choose(take));
    video.addEventListener("play", () => { play.hidden = video.controls = true; });
    video.addEventListener("error", () => {
      if (card.querySelector(".broken")) return;
      const words = "This browser cannot play it. Was it moved?";
      screen.after(make("p", { className: "broken", textContent: words }));
    });
    cards.set(take.file, card);
    return card;
  }

  function toggle(card) {
    const video = card.querySelector("video");
    for (const other of document.querySelectorAll("video")) if (other !== video) other.pause();
    if (video.paused) video.play().catch(() => {}); // the error event says why
    else video.pause();
  }

  function choose(take) {
    if (picks.get(take.clip) === take.file) picks.delete(take.clip);
    else picks.set(take.clip, take.file);
    refresh();
  }

  function value(take, name) {
    if (name === "name") return take.file;
    if (name === "seed" || name === "duration") return take[name];
    return take.metrics[name.slice(1)];
  }

  function compare(name, sign) {
    const words = new Intl.Collator("en", { numeric: true }).compare;
    return (one, two) => {
      const [a, b] = [value(one, name), value(two, name)];
      if (a === undefined || b === undefined) return (a === undefined) - (b === undefined);
      return sign * (typeof a === "string" ? words(a, b) : a - b) || words(one.file, two.file);
    };
  }

  function matches(take) {
    const words = byId("find").value.toLowerCase().split(/\s+/);
    const text = `${take.file} ${take.clip} ${take.text}`.toLowerCase();
    const show = byId("show").value;
    return words.every((word) => text.includes(word))
      && [String(take.seed), ""].includes(byId("seed").value)
      && [take.camera, ""].includes(byId("camera").value)
      && (show !== "open" || !picks.has(take.clip))
      && (show !== "picked" || picks.get(take.clip) === take.file);
  }

  /** Takes that match, in the order asked for, by clip; the clip of the first take comes first. */
  function visible() {
    const sign = byId("direction").getAttribute("aria-pressed") === "true" ? -1 : 1;
    const groups = new Map();
    for (const take of data.takes.filter(matches).sort(compare(byId("sort").value, sign))) {
      if (!groups.has(take.clip)) groups.set(take.clip, []);
      groups.get(take.clip).push(take);
    }
    return groups;
  }

  function refresh() {
    const current = document.activeElement?.closest(".take");
    const measure = byId("sort").value.replace(/^=/, "");
    const groups = visible();
    const clips = byId("clips");
    for (const card of cards.values()) card.hidden = true;
    for (const section of clips.children) section.hidden = true;
    let shown = 0;
    for (const [clip, takes] of groups) {
      const section = clips.querySelector(`[data-clip="${CSS.escape(clip)}"]`);
      section.hidden = false;
      clips.append(section);
      for (const take of takes) {
        const card = cards.get(take.file);
        card.hidden = false;
        section.lastElementChild.append(card);
        shown += 1;
      }
    }
    for (const take of data.takes) {
      const card = cards.get(take.file);
      const picked = picks.get(take.clip) === take.file;
      card.classList.toggle("picked", picked);
      const pick = card.querySelector(".pick");
      pick.setAttribute("aria-pressed", String(picked));
      pick.textContent = picked ? "✓ Picked" : "Pick";
      card.querySelector(".sorted").textContent = measure in take.metrics
        ? `${measure}: ${short(take.metrics[measure])}` : "";
      if (card.hidden) card.querySelector("video").pause();
    }
    const total = new Set(data.takes.map((take) => take.clip)).size;
    byId("count").textContent = `${shown} of ${data.takes.length} takes of ${total} clips, ${picks.size} picked`;
    byId("nothing").hidden = shown > 0;
    byId("save").disabled = byId("clear").disabled = picks.size === 0;
    rove(current && !current.hidden ? current : document.querySelector(".take:not([hidden])"));
    if (current && !current.hidden) current.focus({ preventScroll: true });
    remember();
  }

  /** Let the tab key enter the takes at one card; arrows move from there. */
  function rove(card) {
    for (const other of cards.values()) other.tabIndex = other === card ? 0 : -1;
  }

  function move(key) {
    const all = [...document.querySelectorAll(".take:not([hidden])")];
    const here = document.activeElement?.closest(".take");
    const at = all.indexOf(here);
    let next = at < 0 ? all[0] : all[at + { ArrowLeft: -1, ArrowRight: 1 }[key]];
    if (at >= 0 && (key === "ArrowUp" || key === "ArrowDown")) {
      const from = here.getBoundingClientRect();
      const sign = key === "ArrowDown" ? 1 : -1;
      const far = (card) => {
        const box = card.getBoundingClientRect();
        return sign * (box.top - from.top) * 4 + Math.abs(box.left - from.left);
      };
      next = all.filter((card) => sign * (card.getBoundingClientRect().top - from.top) > 1)
        .sort((one, two) => far(one) - far(two))[0];
    }
    if (!next) return;
    rove(next);
    next.focus();
    next.scrollIntoView({ block: "center" });
  }

  function save() {
    const cell = (text) => (/[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
    const rows = data.takes.filter((take) => picks.get(take.clip) === take.file).map((take) => take.row);
    const lines = [data.columns, ...rows.map((row) => data.columns.map((name) => row[name] ?? ""))];
    const csv = lines.map((cells) => cells.map(cell).join(",")).join("\r\n") + "\r\n";
    const link = make("a", { href: URL.createObjectURL(new Blob([csv], { type: "text/csv" })) });
    link.download = "picks.csv";
    link.click();
    URL.revokeObjectURL(link.href);
  }

  function onKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const inside = event.target.closest("input, select, textarea");
    if (inside) {
      if (event.key === "Escape") inside.blur();
      return;
    }
    const card = event.target.closest(".take") || document.querySelector('.take[tabindex="0"]:not([hidden])');
    if (event.key === "/") byId("find").focus();
    else if (event.key.startsWith("Arrow") && !event.target.closest("video")) move(event.key);
    else if (event.key === "p" && card) choose(data.takes.find((take) => take.file === card.dataset.file));
    else if (event.key === " " && card && !event.target.closest("button, summary, a, video")) toggle(card);
    else return;
    event.preventDefault();
  }

  function fill(select, options) {
    for (const [value, text] of options) select.append(make("option", { value, textContent: text }));
  }

  function unique(name) {
    const order = new Intl.Collator("en", { numeric: true }).compare;
    return [...new Set(data.takes.map((take) => String(take[name])))].sort(order);
  }

  function build() {
    fill(byId("seed"), [["", "all"], ...unique("seed").map((seed) => [seed, seed])]);
    fill(byId("camera"), [["", "all"], ...unique("camera").map((camera) => [camera, camera])]);
    const measures = data.metrics.map((name) => [`=${name}`, name]);
    fill(byId("sort"), [["name", "name"], ["seed", "seed"], ["duration", "duration"], ...measures]);
    for (const take of data.takes) {
      let section = byId("clips").querySelector(`[data-clip="${CSS.escape(take.clip)}"]`);
      if (!section) {
        const said = make("p", { className: "said", textContent: take.text, dir: "auto", tabIndex: -1 });
        const takes = make("ul", { className: "takes" });
        section = make("section", { className: "clip" }, make("h2", { textContent: take.clip }), said, takes);
        section.dataset.clip = take.clip;
        byId("clips").append(section);
      }
      section.lastElementChild.append(makeCard(take));
    }
    for (const { id, error } of data.failed) {
      const item = make("li", {}, make("strong", { textContent: id }), `: ${error}`);
      byId("failed").querySelector("ul").append(item);
    }
    byId("failed").hidden = data.failed.length === 0;
    const clips = data.failed.length === 1 ? "1 clip" : `${data.failed.length} clips`;
    byId("failed-title").textContent = `${clips} of the last run failed`;
  }

  build();
  refresh();
  document.addEventListener("keydown", onKey);
  document.addEventListener("focusin", (event) => {
    const card = event.target.closest(".take");
    if (card) rove(card);
  });
  byId("controls").addEventListener("input", refresh);
  byId("controls").addEventListener("submit", (event) => event.preventDefault());
  byId("direction").addEventListener("click", (event) => {
    const pressed = event.target.getAttribute("aria-pressed") !== "true";
    event.target.setAttribute("aria-pressed", String(pressed));
    refresh();
  });
  byId("top").addEventListener("click", () => {
    for (const [clip, takes] of visible()) picks.set(clip, takes[0].file);
    refresh();
  });
  byId("clear").addEventListener("click", () => {
    picks.clear();
    refresh();
  });
  byId("save").addEventListener("click", save);
})();
