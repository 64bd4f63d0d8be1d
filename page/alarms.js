// Alarms as a person sees them: the most urgent first, since when, why, and who has seen it. Words come from the language's file.
"use strict";
window.Precordia = window.Precordia || {};
(function (P) {
  const ORDER = { high: 0, medium: 1, low: 2, information: 3, none: 4 };
  const SIGNS = { high: "!!!", medium: "!!", low: "!", information: "i", none: "i" };

  P.element = function (tag, name, words) {
    const made = document.createElement(tag);
    if (name) made.className = name;
    if (words !== undefined) made.textContent = words;
    return made;
  };

  // Seconds as a person says them.
  P.lasting = function (milliseconds) {
    const seconds = Math.max(0, Math.floor(milliseconds / 1000));
    if (seconds < 60) return seconds + " s";
    if (seconds < 3600) return Math.floor(seconds / 60) + " min " + (seconds % 60) + " s";
    return Math.floor(seconds / 3600) + " h " + Math.floor(seconds % 3600 / 60) + " min";
  };

  P.clock = function (milliseconds) {
    const time = new Date(milliseconds);
    return [time.getHours(), time.getMinutes(), time.getSeconds()].map(part => String(part).padStart(2, "0")).join(":");
  };

  // The condition or statement in the page's language.
  P.named = code => P.text("condition." + code, null) || P.text("statement." + code, null) || code;

  // What an alert rests on.
  P.why = function (line) {
    if (!line) return "";
    const parts = [], value = line.value, code = line.condition;
    const isKnown = value !== null && value !== undefined;
    if (isKnown) {
      if (/^(heart-rate|extreme)/.test(code)) parts.push(Math.round(value) + "/min");
      else if (code === "asystole" || code === "pause" || code === "vf-suspected") parts.push(value.toFixed(1) + " s");
      else if (code === "device-lost") { if (value >= 0.5) parts.push(value.toFixed(0) + " s"); }
      else if (code === "vt-suspected") parts.push(value.toFixed(0) + " " + P.text("why.beats"));
      else if (code === "irregular-rhythm") parts.push(value.toFixed(0) + " %");
      else if (code === "rate-wrong") parts.push(value.toFixed(0) + " Hz");
      else if (P.text("statement." + code, null)) parts.push(Math.round(value * 100) + " %");
    }
    if (line.electrodes && line.electrodes.length) parts.push(line.electrodes.join(", "));
    else if (line.leads && line.leads.length) parts.push(line.leads.length === 12 ? P.text("why.allLeads") : line.leads.join(", "));
    for (const reason of line.reasons || []) parts.push(P.text("reason." + reason, reason));
    return parts.join(" · ");
  };

  // What is to be shown: alarms under a policy, or alerts where there is none.
  P.standing = function (state, hasPolicy) {
    const lines = {};
    for (const alert of state.alerts) lines[alert.line.condition] = alert.line;
    const list = hasPolicy
      ? state.alarms.map(alarm => Object.assign({ line: lines[alarm.name] }, alarm))
      : state.alerts.map(alert => ({ name: alert.line.condition, priority: alert.line.priority, state: "alert", since: alert.since, who: "", line: alert.line }));
    const rank = alarm => (alarm.state === "raised" || alarm.state === "alert" ? 0 : alarm.state === "latched" ? 10 : alarm.state === "acknowledged" ? 20 : 30) + (ORDER[alarm.priority] || 0);
    return list.sort((one, other) => rank(one) - rank(other) || (one.since || 0) - (other.since || 0));
  };

  // The banner. What has not changed stays as it is, so that a finger finds its button and a reader is not read the same again.
  P.Banner = class {
    constructor(place, acknowledge) {
      this.place = place;
      this.acknowledge = acknowledge;
      this.rows = new Map();
    }

    show(list, now, mayAct) {
      const wanted = new Set();
      let after = null;
      for (const alarm of list) {
        wanted.add(alarm.name);
        let row = this.rows.get(alarm.name);
        if (!row) {
          row = this.make(alarm.name);
          this.rows.set(alarm.name, row);
        }
        this.fill(row, alarm, now, mayAct);
        const next = after ? after.nextSibling : this.place.firstChild;
        if (next !== row.whole) this.place.insertBefore(row.whole, next);
        after = row.whole;
      }
      for (const [name, row] of this.rows) {
        if (wanted.has(name)) continue;
        row.whole.remove();
        this.rows.delete(name);
      }
    }

    make(name) {
      const row = { whole: P.element("div", "alarm"), sign: P.element("span", "sign"), words: P.element("b"), why: P.element("span", "why"), since: P.element("span", "since"), button: P.element("button") };
      row.button.type = "button";
      row.button.addEventListener("click", () => this.acknowledge(name));
      row.whole.dataset.name = name;
      row.whole.append(row.sign, row.words, row.why, row.since, P.element("span", "grow"), row.button);
      return row;
    }

    fill(row, alarm, now, mayAct) {
      const isLoud = alarm.state === "raised";
      const name = "alarm " + alarm.priority + (isLoud ? "" : alarm.state === "inhibited" ? " inhibited" : " seen");
      if (row.whole.className !== name) row.whole.className = name;
      const put = (element, words) => { if (element.textContent !== words) element.textContent = words; };
      put(row.sign, SIGNS[alarm.priority] || "i");
      put(row.words, P.named(alarm.name));
      put(row.why, P.why(alarm.line));
      const begun = alarm.since ? P.text("since") + " " + P.clock(alarm.since) + " (" + P.lasting(now - alarm.since) + ")" : P.text("sinceBefore");
      const state = alarm.state === "acknowledged" && alarm.who ? P.text("state.by").replace("{who}", alarm.who) : P.text("state." + alarm.state, "");
      // Seconds that run on are not read out each second.
      row.since.setAttribute("aria-live", "off");
      put(row.since, begun + (state ? " · " + state : ""));
      put(row.button, P.text("do.acknowledgeOne"));
      row.button.setAttribute("aria-label", P.text("do.acknowledgeOne") + ": " + P.named(alarm.name));
      row.button.hidden = !mayAct || !(alarm.state === "raised" || alarm.state === "latched");
    }
  };
})(window.Precordia);
