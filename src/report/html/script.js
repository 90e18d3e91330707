// Redraws the map when another measure is chosen, zooms and moves it, and tells the figures under the pointer.
// Everything that it shows is in the page already; without it the page stays readable.
(function () {
  "use strict";
  document.documentElement.classList.add("scripted");
  sortableTables();
  var block = document.getElementById("mapdata");
  var svg = document.getElementById("mapsvg");
  if (!block || !svg) return;
  var data = JSON.parse(block.textContent);
  var NS = svg.namespaceURI;
  var byId = function (id) { return document.getElementById(id); };
  var stage = svg.parentNode, tip = byId("tip"), figure = byId("map");
  var shown = { districts: 0, links: 0, sections: -1 };
  var home = data.view.slice(), view = home.slice();
  var paths = Array.prototype.slice.call(byId("m-districts").children);
  paths.forEach(function (p) { if (p.firstChild) p.removeChild(p.firstChild); });

  function make(name, attributes, parent) {
    var element = document.createElementNS(NS, name);
    for (var key in attributes) element.setAttribute(key, attributes[key]);
    if (parent) parent.appendChild(element);
    return element;
  }
  function html(name, text, parent, className) {
    var element = document.createElement(name);
    if (text) element.textContent = text;
    if (className) element.className = className;
    if (parent) parent.appendChild(element);
    return element;
  }

  // Numbers as in the rest of the page: about three digits, k, M, bn.
  function number(x, signed) {
    if (x === null || x === undefined) return "no data";
    var size = Math.abs(x), text;
    if (size >= 999.5e6) text = digits(size / 1e9) + "\u202fbn";
    else if (size >= 999500) text = digits(size / 1e6) + "\u202fM";
    else if (size >= 1e4) text = digits(size / 1e3) + "\u202fk";
    else if (size >= 1000 || Math.round(size) === size) text = Math.round(size).toLocaleString("en-US");
    else if (size >= 0.1) text = size.toFixed(size >= 10 ? 1 : size >= 1 ? 2 : 3);
    else text = Number(size.toPrecision(3)).toString();
    return (x < 0 ? "\u2212" : signed && x > 0 ? "+" : "") + text;
  }
  function digits(x) { return x.toFixed(x < 9.995 ? 2 : x < 99.95 ? 1 : 0); }
  function tick(x) { return number(x).replace(/(\.\d*?)0+(?=\D*$)/, "$1").replace(/\.(?=\D*$)/, ""); }
  function classOf(measure, row) {
    var value = measure ? measure.values[row] : null;
    if (value === null || value === undefined) return "n";
    var place = 0;
    while (place < measure.limits.length && value >= measure.limits[place]) place++;
    return measure.classes[place];
  }
  function measure(kind) { return shown[kind] < 0 ? null : data[kind].measures[shown[kind]]; }
  function unitPx() { return Math.min(view[2] / svg.clientWidth, view[3] / svg.clientHeight) || 1; }

  function drawDistricts() {
    var chosen = measure("districts");
    paths.forEach(function (path, row) { path.setAttribute("class", "f" + classOf(chosen, row)); });
  }
  // Lines are joined into one path for each width and colour, wide ones last; only those in view are drawn.
  function shift(lines, row, px) {
    var dx = lines.xy[4 * row + 2], dy = lines.xy[4 * row + 3], length = Math.sqrt(dx * dx + dy * dy) || 1;
    var by = (data.widths[lines.widths[row]] / 2 + 0.3) * px;
    return [-dy / length * by, dx / length * by];
  }
  function drawLines(kind) {
    var group = byId("m-" + kind), lines = data[kind], chosen = measure(kind), px = unitPx(), groups = {};
    group.textContent = "";
    if (kind === "sections" && !chosen) return;
    if (kind === "links" && shown.links < -1) return;
    var x0 = view[0] - view[2] * 0.1, x1 = view[0] + view[2] * 1.1, y0 = view[1] - view[3] * 0.1, y1 = view[1] + view[3] * 1.1;
    for (var row = 0; row < lines.widths.length; row++) {
      var x = lines.xy[4 * row], y = lines.xy[4 * row + 1], dx = lines.xy[4 * row + 2], dy = lines.xy[4 * row + 3];
      if ((dx === 0 && dy === 0) || Math.max(x, x + dx) < x0 || Math.min(x, x + dx) > x1 || Math.max(y, y + dy) < y0 || Math.min(y, y + dy) > y1) continue;
      var by = shift(lines, row, px), key = lines.widths[row] + classOf(chosen, row);
      (groups[key] = groups[key] || []).push("M", (x + by[0]).toFixed(1), " ", (y + by[1]).toFixed(1), "l", dx, " ", dy);
    }
    Object.keys(groups).sort().forEach(function (key) {
      make("path", { class: "s" + key.slice(1) + " w" + key[0], d: groups[key].join("") }, group);
    });
  }

  // Names: hubs first, districts where there is room, none over another (as in the drawing without script).
  function drawLabels() {
    var group = byId("m-labels"), px = unitPx(), taken = [];
    group.textContent = "";
    data.labels.forEach(function (l) {
      if (l.hub) taken.push([l.at[0] / px - 7, l.at[1] / px - 7, l.at[0] / px + 7, l.at[1] / px + 7]);
    });
    data.labels.forEach(function (l) {
      var letters = l.hub ? 12.5 : 12, english = l.en && l.en !== l.name;
      var w = Math.max(across(l.name), english ? across(l.en) * 0.86 : 0) * letters, h = (english ? 2 : 1) * letters * 1.12;
      var x = l.at[0] / px, y = l.at[1] / px, gap = 9;
      if (l.at[0] < view[0] || l.at[0] > view[0] + view[2] || l.at[1] < view[1] || l.at[1] > view[1] + view[3]) return;
      if (l.room !== null && l.room / px < w * 0.8) return;
      var places = l.hub
        ? [[gap, -h / 2, "start"], [-gap - w, -h / 2, "end"], [-w / 2, -gap - h, "middle"], [-w / 2, gap, "middle"],
           [gap, -h - 2, "start"], [gap, 2, "start"], [-gap - w, -h - 2, "end"], [-gap - w, 2, "end"]]
        : [[-w / 2, -h / 2, "middle"]];
      var found = places.find(function (p) {
        var own = [x + p[0], y + p[1], x + p[0] + w, y + p[1] + h];
        return taken.every(function (t) { return own[0] >= t[2] || own[2] <= t[0] || own[1] >= t[3] || own[3] <= t[1]; });
      });
      if (!found) return;
      taken.push([x + found[0], y + found[1], x + found[0] + w, y + found[1] + h]);
      var left = (x + found[0] + (found[2] === "start" ? 0 : found[2] === "end" ? w : w / 2)) * px;
      var text = make("text", { class: l.hub ? "hublabel" : "districtlabel", "font-size": letters * px, "text-anchor": found[2], x: left, y: (y + found[1] + letters * 0.92) * px }, group);
      text.textContent = l.name;
      if (english) make("tspan", { class: "en", x: left, dy: "1.1em" }, text).textContent = l.en;
    });
    Array.prototype.forEach.call(byId("m-hubs").children, function (c) { c.setAttribute("r", 6 * px); });
  }
  function across(text) {
    var width = 0;
    for (var i = 0; i < text.length; i++) width += text.charCodeAt(i) > 0x2e80 ? 1 : 0.56;
    return width;
  }

  function drawLegends() {
    var all = byId("legends");
    all.textContent = "";
    [["districts", "Districts"], ["links", "Links"], ["sections", "Lines"]].forEach(function (kind) {
      var m = measure(kind[0]);
      if (!m) return;
      var legend = html("div", "", all, "legend");
      html("b", kind[1], legend);
      legend.appendChild(document.createTextNode(" " + title(m) + " "));
      if (m.unit) html("span", m.unit, legend, "unit");
      var list = html("ol", "", legend, "scale");
      for (var i = 0; i <= m.limits.length; i++) {
        var item = html("li", "", list);
        html("i", "", item).style.background = "var(--" + m.classes[i] + ")";
        item.appendChild(document.createTextNode(!m.limits.length ? "all" : i === 0 ? "< " + tick(m.limits[0]) : "\u2265 " + tick(m.limits[i - 1])));
      }
      if (m.about) legend.title = m.about;
    });
  }

  function title(m) { return m.group ? m.group + ": " + m.label : m.label; }

  var waiting = 0;
  function look() {
    svg.setAttribute("viewBox", view.join(" "));
    drawLabels();
    clearTimeout(waiting);
    waiting = setTimeout(function () { drawLines("links"); drawLines("sections"); }, 60);
  }
  function zoom(factor, px, py) {
    var cx = view[0] + view[2] * px, cy = view[1] + view[3] * py;
    var w = Math.min(Math.max(view[2] * factor, 60), 400000), f = w / view[2];
    view = [cx - view[2] * f * px, cy - view[3] * f * py, w, view[3] * f];
    look();
  }

  function controls() {
    var box = byId("controls");
    [["districts", "Districts"], ["links", "Links"], ["sections", "Lines"]].forEach(function (kind) {
      var measures = data[kind[0]].measures;
      if (!measures.length && kind[0] !== "links") return;
      var label = html("label", kind[1], box), select = html("select", "", label);
      var group = select, heading = "";
      measures.forEach(function (m, i) {
        if (m.group !== heading) {
          heading = m.group;
          group = heading ? html("optgroup", "", select) : select;
          if (heading) group.label = heading;
        }
        html("option", m.label + (m.unit ? " (" + m.unit + ")" : ""), group).value = i;
      });
      html("option", kind[0] === "sections" ? "not shown" : kind[0] === "links" ? "grey" : "none", select).value = -1;
      if (kind[0] === "links") html("option", "not shown", select).value = -2;
      select.value = shown[kind[0]];
      select.addEventListener("change", function () {
        shown[kind[0]] = Number(select.value);
        if (kind[0] === "districts") drawDistricts(); else drawLines(kind[0]);
        drawLegends();
      });
    });
    var buttons = html("div", "", stage, "zoom");
    [["+", "Zoom in", function () { zoom(0.6, 0.5, 0.5); }], ["\u2212", "Zoom out", function () { zoom(1.667, 0.5, 0.5); }],
     ["\u2302", "First view", function () { view = home.slice(); look(); }], ["all", "Whole map", wholeMap]].forEach(function (b) {
      var button = html("button", b[0], buttons, b[0] === "all" ? "wide" : "");
      button.type = "button"; button.title = b[1]; button.setAttribute("aria-label", b[1]);
      button.addEventListener("click", b[2]);
    });
  }
  function wholeMap() {
    var box = byId("m-districts").getBBox();
    if (!box.width) box = byId("m-links").getBBox();
    var scale = Math.max(box.width / home[2], box.height / home[3]) * 1.05;
    var w = home[2] * scale, h = home[3] * scale;
    view = [box.x + box.width / 2 - w / 2, box.y + box.height / 2 - h / 2, w, h];
    look();
  }

  // Pointer: drag moves, wheel zooms (not while the page is being scrolled past), rest tells.
  var dragged = null, scrolled = 0, pinch = null, fingers = {};
  window.addEventListener("scroll", function () { scrolled = Date.now(); }, { passive: true });
  svg.addEventListener("wheel", function (e) {
    if (Date.now() - scrolled < 350) return;
    e.preventDefault();
    var box = svg.getBoundingClientRect();
    zoom(Math.exp(Math.max(-60, Math.min(60, e.deltaY)) * 0.004), (e.clientX - box.left) / box.width, (e.clientY - box.top) / box.height);
  }, { passive: false });
  svg.addEventListener("pointerdown", function (e) {
    fingers[e.pointerId] = [e.clientX, e.clientY];
    svg.setPointerCapture(e.pointerId);
    dragged = [e.clientX, e.clientY, view[0], view[1]];
    pinch = null;
    figure.classList.add("drag");
    tip.hidden = true;
  });
  svg.addEventListener("pointermove", function (e) {
    if (fingers[e.pointerId]) fingers[e.pointerId] = [e.clientX, e.clientY];
    var down = Object.keys(fingers);
    if (down.length === 2) {
      var a = fingers[down[0]], b = fingers[down[1]], apart = Math.hypot(a[0] - b[0], a[1] - b[1]);
      var box = svg.getBoundingClientRect();
      if (pinch) zoom(pinch / apart, ((a[0] + b[0]) / 2 - box.left) / box.width, ((a[1] + b[1]) / 2 - box.top) / box.height);
      pinch = apart;
    } else if (dragged && down.length === 1) {
      var px = unitPx();
      view[0] = dragged[2] - (e.clientX - dragged[0]) * px;
      view[1] = dragged[3] - (e.clientY - dragged[1]) * px;
      look();
    } else if (!down.length) tell(e);
  });
  function release(e) {
    delete fingers[e.pointerId];
    dragged = null; pinch = null;
    figure.classList.remove("drag");
  }
  svg.addEventListener("pointerup", release);
  svg.addEventListener("pointercancel", release);
  svg.addEventListener("pointerleave", function () { tip.hidden = true; light(null); });

  var lit = make("path", { class: "lit", fill: "none", "vector-effect": "non-scaling-stroke" });
  svg.insertBefore(lit, byId("m-hubs"));
  function light(d, district) {
    lit.setAttribute("d", d || "");
    paths.forEach(function (p, i) { p.classList.toggle("on", i === district); });
  }
  function nearest(lines, x, y, px) {
    var best = -1, least = 7 * px;
    for (var row = 0; row < lines.widths.length; row++) {
      var by = shift(lines, row, px), ax = lines.xy[4 * row] + by[0], ay = lines.xy[4 * row + 1] + by[1];
      var dx = lines.xy[4 * row + 2], dy = lines.xy[4 * row + 3], square = dx * dx + dy * dy;
      if (!square) continue;
      var t = Math.max(0, Math.min(1, ((x - ax) * dx + (y - ay) * dy) / square));
      var away = Math.hypot(x - ax - t * dx, y - ay - t * dy) - data.widths[lines.widths[row]] / 2 * px;
      if (away < least) { least = away; best = row; }
    }
    return best;
  }
  function tell(e) {
    var box = svg.getBoundingClientRect(), px = unitPx();
    var x = view[0] + (e.clientX - box.left) / box.width * view[2], y = view[1] + (e.clientY - box.top) / box.height * view[3];
    var hub = data.hubs.find(function (h) { return Math.hypot(h.at[0] - x, h.at[1] - y) < 9 * px; });
    if (hub) { show(hub.name, "", [], 0, e, box, 0, hub.figures); light(null); return; }
    var kinds = measure("sections") ? ["sections", "links"] : ["links"];
    for (var i = 0; i < kinds.length; i++) {
      if (kinds[i] === "links" && shown.links < -1) continue;
      var lines = data[kinds[i]], row = nearest(lines, x, y, px);
      if (row >= 0) {
        var by = shift(lines, row, px);
        light("M" + (lines.xy[4 * row] + by[0]) + " " + (lines.xy[4 * row + 1] + by[1]) + "l" + lines.xy[4 * row + 2] + " " + lines.xy[4 * row + 3]);
        show(lines.names[lines.name[row]] || "Link", lines.ids[row] || "", lines.measures, row, e, box, shown[kinds[i]]);
        return;
      }
    }
    var district = paths.indexOf(e.target);
    light(null, district);
    if (district >= 0) show(data.districts.names[district], "", data.districts.measures, district, e, box, shown.districts);
    else tip.hidden = true;
  }
  function show(name, id, measures, row, e, box, chosen, figures) {
    tip.textContent = "";
    html("b", name, tip);
    if (id) html("span", id, tip, "unit");
    var table = html("table", "", tip), order = measures.map(function (m, i) { return i; });
    order.sort(function (a, b) { return (b === chosen) - (a === chosen) || a - b; });
    order.slice(0, 9).forEach(function (i) {
      var m = measures[i], line = html("tr", "", table);
      html("td", m.label, line);
      html("td", number(m.values[row], m.signed) + (m.unit ? " " + m.unit : ""), line);
    });
    (figures || []).forEach(function (figure) {
      var line = html("tr", "", table);
      html("td", figure[0], line);
      html("td", figure[1], line);
    });
    tip.hidden = false;
    var left = e.clientX - box.left + 16, top = e.clientY - box.top + 16;
    if (left + tip.offsetWidth > box.width) left = Math.max(4, e.clientX - box.left - tip.offsetWidth - 14);
    if (top + tip.offsetHeight > box.height) top = Math.max(4, e.clientY - box.top - tip.offsetHeight - 14);
    tip.style.transform = "translate(" + left + "px," + top + "px)";
  }
  svg.setAttribute("tabindex", "0");
  svg.addEventListener("keydown", function (e) {
    var step = { ArrowLeft: [-0.12, 0], ArrowRight: [0.12, 0], ArrowUp: [0, -0.12], ArrowDown: [0, 0.12] }[e.key];
    if (step) { view[0] += step[0] * view[2]; view[1] += step[1] * view[3]; look(); e.preventDefault(); }
    else if (e.key === "+" || e.key === "=") zoom(0.75, 0.5, 0.5);
    else if (e.key === "-") zoom(1.333, 0.5, 0.5);
    else if (e.key === "0") { view = home.slice(); look(); }
  });
  window.addEventListener("resize", look);
  controls();
  drawLegends();
  look();

  // A click on the head of a column of numbers sorts by it.
  function sortableTables() {
    Array.prototype.forEach.call(document.querySelectorAll("table.grid"), function (table) {
      var heads = table.tHead ? Array.prototype.slice.call(table.tHead.rows[0].cells) : [];
      heads.forEach(function (head, column) {
        if (!head.classList.contains("r") || head.classList.contains("range")) return;
        head.classList.add("sortable");
        head.addEventListener("click", function () {
          var down = head.getAttribute("aria-sort") !== "descending";
          heads.forEach(function (h) { h.removeAttribute("aria-sort"); });
          head.setAttribute("aria-sort", down ? "descending" : "ascending");
          var value = function (row) {
            var text = row.cells[column].textContent.replace(/,/g, "").replace("\u2212", "-");
            var found = parseFloat(text);
            return isNaN(found) ? -Infinity : found;
          };
          var rows = Array.prototype.slice.call(table.tBodies[0].rows);
          rows.sort(function (a, b) { return (value(b) - value(a)) * (down ? 1 : -1) || 0; });
          rows.forEach(function (row) { table.tBodies[0].appendChild(row); });
        });
      });
    });
  }
})();
