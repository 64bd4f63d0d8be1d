// The page: one WebSocket to the box, the state that it tells, and what a person asks for.
// What is shown as live is live: after 1.5 s without a word of the box, or of the session in it, numbers go and the page is red.
"use strict";
(function (P) {
  const $ = name => document.getElementById(name);
  const SILENCE = 1500; // Milliseconds without any message after which the box is lost; it speaks each half second.
  const NO_SIGNAL = 1500; // Milliseconds without a frame after which nothing of the heart is shown.
  const OLD = 15000; // Milliseconds after which what was measured holds no more: a new one comes each 5 s.
  const ST_FAR = 0.1; // Millivolts of ST at J from which an arrow stands beside it.
  const LATE = 2000; // Milliseconds by which a message may be late before it is no longer live.
  const RHYTHMS = ["SR", "AFIB", "STACH", "SARRH", "SBRAD", "PACE", "SVARR", "BIGU", "AFLT", "SVTAC", "PSVT", "TRIGU"];
  const DEADLY = ["asystole", "vf-suspected", "vt-suspected"];
  const PLACES = { RA: [50, 48], LA: [150, 48], RL: [56, 164], LL: [144, 164], V1: [89, 78], V2: [108, 78], V3: [117, 95], V4: [127, 111], V5: [143, 113], V6: [159, 110] };
  const LIMBS = { RA: ["I", "II"], LA: ["I", "III"], LL: ["II", "III"] };

  let words = {}, socket = null, heardAt = 0, openedAt = 0, lostAt = Date.now(), state = null, session = null, you = null;
  let clockOffset = 0, bestRound = Infinity, lateness = 0, latency = null, holesSeen = 0, nextID = 1, confirmation = null, retry = 0;
  let events = [], waiting = new Map(), token = null, hasBeenLive = false, isDenied = false;
  const kept = { get(name) { try { return localStorage.getItem("precordia." + name); } catch (error) { return null; } }, set(name, value) { try { localStorage.setItem("precordia." + name, value); } catch (error) { /* Private windows keep nothing. */ } } };

  P.text = (key, otherwise) => key in words ? words[key] : otherwise === undefined ? key : otherwise;
  const boxNow = () => Date.now() + clockOffset;
  const sound = new P.Sound();
  const traces = new P.Traces($("canvas"), $("traces"));
  const banner = new P.Banner($("alarms"), name => ask("acknowledge", name));

  // Whether the box and the session in it speak, and whether there is signal.
  const isConnected = () => socket && socket.readyState === 1 && you && performance.now() - heardAt < SILENCE;
  const isLive = () => isConnected() && state && state.heard && !state.ended && lateness < LATE;
  const isMissing = () => (state.device && ["absent", "lost", "silent"].includes(state.device.state)) || state.alerts.some(alert => alert.line.condition === "device-lost");
  const hasSignal = () => isLive() && state.stream && !isMissing() && traces.newest >= 0 && performance.now() - traces.cameAt < NO_SIGNAL;

  // ---- The box

  function connect() {
    clearTimeout(retry);
    if (socket) socket.onclose = socket.onmessage = null;
    if (socket && socket.readyState < 2) socket.close();
    try { socket = new WebSocket(location.origin.replace(/^http/, "ws") + "/live"); } catch (error) { return again(); }
    socket.binaryType = "arraybuffer";
    openedAt = performance.now();
    you = null;
    socket.onmessage = event => hear(event.data);
    socket.onclose = again;
  }

  function again() {
    you = null;
    traces.clear();
    clearTimeout(retry);
    if (!isDenied) retry = setTimeout(connect, 1000);
  }

  function send(message) {
    if (!socket || socket.readyState !== 1) return false;
    socket.send(JSON.stringify(message));
    return true;
  }

  function hear(data) {
    heardAt = performance.now();
    if (typeof data !== "string") {
      lateness = Math.max(0, boxNow() - new DataView(data).getFloat64(24, true));
      holesSeen += traces.take(data);
      return;
    }
    const message = JSON.parse(data);
    switch (message.kind) {
      case "state":
        state = message;
        if (bestRound === Infinity) clockOffset = message.now - Date.now();
        lateness = Math.max(0, boxNow() - message.now);
        if (!message.stream && traces.newest >= 0) traces.clear();
        break;
      case "you":
        if (!you) ping();
        you = message;
        isDenied = false;
        $("login").hidden = true;
        break;
      case "history":
        events = message.events.slice();
        session = message.session || session;
        showEvents();
        break;
      case "event":
        if (message.line.event === "session") { session = message.line; break; }
        events.push(message.line);
        events = events.slice(-80);
        showEvents();
        break;
      case "pong": pong(message); break;
      case "reply": replied(message); break;
      case "confirm": confirmOff(message); break;
      case "token":
        token = token || kept.get("token");
        if (token) send({ do: "token", token: token });
        else {
          // Nothing is asked of the box until a person has typed it.
          isDenied = true;
          login("");
          socket.close();
        }
        break;
      case "denied": case "blocked":
        token = null;
        kept.set("token", "");
        isDenied = true;
        login(P.text("login." + message.kind));
        break;
    }
    show();
  }

  function login(problem) {
    $("login").hidden = false;
    $("loginWords").textContent = problem;
    $("token").focus();
  }

  const pings = new Map();
  function ping() {
    const id = nextID++;
    if (send({ do: "ping", id: id })) pings.set(id, Date.now());
    if (pings.size > 8) pings.delete(pings.keys().next().value);
  }

  function pong(message) {
    const sent = pings.get(message.id), round = Date.now() - sent;
    pings.delete(message.id);
    // The shortest way there and back tells the box's clock best; an old one is forgotten slowly, because clocks drift.
    bestRound += 0.5;
    if (!(round <= bestRound)) return;
    bestRound = round;
    clockOffset = message.now + round / 2 - Date.now();
  }

  // ---- What a person asks for

  function ask(what, argument, code) {
    const id = nextID++, message = { do: what, id: id };
    if (argument !== undefined) message.what = argument;
    if (code) message.code = code;
    if (!isLive() || !send(message)) return say(P.text("answer.notSent"), true);
    waiting.set(id, setTimeout(() => { waiting.delete(id); say(P.text("answer.none"), true); }, 3000));
    say(P.text("answer.asked"));
  }

  function replied(message) {
    clearTimeout(waiting.get(message.id));
    waiting.delete(message.id);
    say(P.text("answer." + message.words, message.words), message.result !== "done");
  }

  function say(text, isBad) {
    $("answer").textContent = text;
    $("answer").style.color = isBad ? "#ffb09c" : "";
    clearTimeout(say.timer);
    say.timer = setTimeout(() => { $("answer").textContent = ""; }, 8000);
  }

  function confirmOff(message) {
    clearTimeout(waiting.get(message.id));
    waiting.delete(message.id);
    confirmation = message.code;
    $("confirm").hidden = false;
    $("confirmNo").focus();
    setTimeout(() => { if (confirmation === message.code) closeConfirm(); }, message.seconds * 1000);
  }

  function closeConfirm() {
    confirmation = null;
    $("confirm").hidden = true;
  }

  // ---- What is shown

  const put = (name, text) => { const element = $(name); if (element.textContent !== text) element.textContent = text; };
  const hide = (name, isHidden) => { const element = $(name); if (element.hidden !== isHidden) element.hidden = isHidden; };

  function show() {
    const connected = isConnected(), live = isLive(), signal = hasSignal(), now = boxNow();
    const mayAct = live && you.role === "act";
    const hasPolicy = session ? session.alarms !== "none" : state ? state.alarms.length > 0 : false;
    document.title = (live && state.alarms.some(alarm => alarm.state === "raised" && alarm.priority === "high") ? "(!) " : "") + (state && state.stream ? state.stream.record : "Precordia");
    const isWaiting = !$("login").hidden;

    // Whether anything here is live.
    if (live) hasBeenLive = true;
    if (live) lostAt = 0; else lostAt = lostAt || Date.now();
    const isLost = !live && !isWaiting && (hasBeenLive || performance.now() - openedAt > SILENCE || performance.now() > 3000);
    hide("lost", !isLost);
    if (isLost) {
      const why = state && state.ended ? "lost.ended" : !connected ? "lost.box" : state && !state.heard ? "lost.session" : "lost.late";
      put("lostWords", P.text(why));
      put("lostSince", P.text("since") + " " + P.clock(lostAt) + " (" + P.lasting(Date.now() - lostAt) + ")");
    }
    hide("late", !(live && lateness > 800));
    if (live && lateness > 800) put("late", P.text("late").replace("{s}", (lateness / 1000).toFixed(1)));
    $("link").className = "chip " + (signal ? "live" : live ? "warn" : "bad");
    put("link", P.text(signal ? "link.live" : live ? "link.noSignal" : isWaiting ? "link.token" : "link.lost"));
    put("clock", live ? P.clock(now) : "--:--:--");
    put("record", state && state.stream ? state.stream.record : "Precordia");
    put("who", you ? P.text("you").replace("{who}", you.name).replace("{role}", P.text("role." + you.role, "")) : "");

    // Alarms: none is shown as standing that nobody knows to stand.
    banner.show(live ? P.standing(state, hasPolicy) : [], now, mayAct);
    notices(live, hasPolicy, now);
    hide("hearing", !(live && session && ["unheard", "none"].includes(session.alarms)));
    put("hearing", session && session.alarms === "none" ? P.text("hearing.none") : P.text("hearing.unheard"));
    sounds(live, isWaiting);

    // The heart.
    const bpm = signal && state.heartRate ? state.heartRate.bpm : null;
    put("bpm", bpm === null || bpm === undefined ? "--" : String(Math.round(bpm)));
    $("rateCard").classList.toggle("gone", !signal);
    rhythm(signal);
    measured(signal, now);
    statements(signal);
    electrodes(signal);
    const cover = signal ? "" : !live ? P.text("cover.lost") : !state.stream ? P.text("cover.noStream") : P.text("cover.noSignal");
    hide("cover", cover === "");
    put("cover", cover);
    $("cover").className = live ? "" : "bad";
    $("canvas").setAttribute("aria-label", P.text("canvas").replace("{leads}", traces.columns ? traces.columns.map(column => column.leads.map(lead => P.leadNames[lead]).join(" ")).join(" ") : ""));
    const { speed, gain } = traces.settings;
    put("scale", speed + " mm/s · " + gain + " mm/mV · " + P.text("filters"));

    // What may be pressed.
    for (const name of ["acknowledge", "pause", "off"]) $(name).disabled = !mayAct || !hasPolicy;
    const paused = live && state.pausedUntil !== null && state.pausedUntil > now;
    put("pause", paused ? P.text("do.resume") + " (" + P.lasting(state.pausedUntil - now + 999) + ")" : P.text("do.pause"));
    $("pause").classList.toggle("on", paused);
    $("pause").dataset.on = paused ? "1" : "";
    put("off", live && state.off ? P.text("do.on") : P.text("do.off"));
    $("off").classList.toggle("on", live && state.off);
    device(live, signal);
  }

  // What stands beside alarms as long as it is so: alarms off, paused, no policy.
  function notices(live, hasPolicy, now) {
    const wanted = [];
    if (live && state.off) wanted.push(P.text("notice.off"));
    if (live && state.pausedUntil !== null && state.pausedUntil > now) wanted.push(P.text("notice.paused").replace("{left}", P.lasting(state.pausedUntil - now + 999)));
    const found = [...document.querySelectorAll("#alarms .notice")];
    while (found.length > wanted.length) found.pop().remove();
    wanted.forEach((text, place) => {
      let notice = found[place];
      if (!notice) $("alarms").append(notice = P.element("div", "notice"));
      if (notice.textContent !== text) notice.textContent = text;
      notice.setAttribute("aria-live", "off");
    });
  }

  function sounds(live, isWaiting) {
    let wanted = null;
    if (live && !state.off && !(state.pausedUntil !== null && state.pausedUntil > boxNow())) {
      for (const priority of ["high", "medium", "low"]) if (!wanted && state.alarms.some(alarm => alarm.state === "raised" && alarm.priority === priority)) wanted = priority;
    }
    if (!live && hasBeenLive && !isWaiting) wanted = "lost";
    sound.want(wanted);
    const button = $("sound");
    button.setAttribute("aria-pressed", String(sound.state === "on"));
    button.classList.toggle("danger", sound.state === "cannot");
    put("sound", P.text("sound." + sound.state));
  }

  function rhythm(signal) {
    const place = $("rhythm");
    const deadly = signal ? state.alerts.find(alert => DEADLY.includes(alert.line.condition)) : null;
    place.classList.toggle("deadly", Boolean(deadly));
    if (!signal) return put("rhythm", "--");
    if (deadly) return put("rhythm", P.named(deadly.line.condition));
    const answer = state.answer;
    if (!answer) return put("rhythm", P.text("rhythm.notYet"));
    if (answer.event === "unknown") return put("rhythm", P.text("rhythm.unknown"));
    const best = Object.entries(answer.probabilities || {}).filter(([code]) => RHYTHMS.includes(code)).sort((one, other) => other[1] - one[1])[0];
    put("rhythm", best && best[1] >= 0.3 ? P.named(best[0]) : P.text("rhythm.none"));
  }

  const millivolts = value => (Math.abs(value) < 0.005 ? "" : value > 0 ? "+" : "−") + Math.abs(value).toFixed(2);

  // What the last 10 s measure. A value that is older than its successor should be is none.
  function measured(signal, now) {
    const line = state && state.measurement;
    hide("measuredCard", !line);
    if (!line) return;
    const isFresh = signal && !(line.utc && now - Date.parse(line.utc) > OLD);
    const key = JSON.stringify([line, isFresh, words.language]);
    if (measured.key === key) return;
    measured.key = key;
    const list = $("measured"), levels = $("st"), unknown = line.unknown || {};
    list.textContent = levels.textContent = "";
    for (const [name, why] of [["pr", "pr"], ["qrs", "qrs"], ["qt", "qt"], ["qtc", "qt"]]) {
      const value = isFresh ? line[name] : null, reason = isFresh ? unknown[why] : null;
      const text = typeof value === "number" ? Math.round(value) + " ms" : "--" + (reason ? " " + P.text("unmeasured." + reason, reason) : "");
      list.append(P.element("dt", "", P.text("measured." + name)), P.element("dd", "", text));
    }
    const found = isFresh ? Object.entries(line.st || {}) : [];
    if (!found.length) return levels.append(P.element("li", "faint", "ST --" + (isFresh && unknown.st ? " " + P.text("unmeasured." + unknown.st, unknown.st) : "")));
    for (const [lead, level] of found) {
      const isNumber = typeof level.j === "number", far = isNumber && Math.abs(level.j) >= ST_FAR;
      const sign = !isNumber ? "" : far ? (level.j > 0 ? " ▲" : " ▼") : "";
      const item = P.element("li", far ? "far" : "");
      item.append(P.element("span", "", lead), P.element("b", "", isNumber ? millivolts(level.j) + sign : "--"));
      levels.append(item);
    }
    levels.append(P.element("li", "unit faint", P.text("measured.st")));
  }

  function statements(signal) {
    const place = $("statements"), answer = signal ? state.answer : null;
    const key = JSON.stringify([answer && [answer.event, answer.probabilities, answer.reasons], signal, words.language]);
    if (statements.key === key) return;
    statements.key = key;
    place.textContent = "";
    if (!answer) return place.append(P.element("p", "faint", signal ? P.text("rhythm.notYet") : "--"));
    if (answer.event === "unknown") {
      const reasons = (answer.reasons || []).map(reason => P.text("reason." + reason, reason)).join(", ");
      return place.append(P.element("p", "", P.text("rhythm.unknown") + (reasons ? ": " + reasons : "")));
    }
    for (const [code, value] of Object.entries(answer.probabilities || {}).slice(0, 5)) {
      const row = P.element("div", "statement"), bar = P.element("i"), filled = P.element("u");
      filled.style.width = Math.round(value * 100) + "%";
      bar.append(filled);
      row.append(P.element("span", "", P.named(code)), P.element("b", "", Math.round(value * 100) + " %"), bar);
      place.append(row);
    }
  }

  // Each electrode by what is said of it and of its leads: a fault of two limb leads is that of the electrode that they share.
  function electrodes(signal) {
    const quality = signal ? state.quality : null, off = new Set(), found = {};
    if (signal) for (const alert of state.alerts) if (alert.line.condition === "electrode-off") (alert.line.electrodes || []).forEach(name => off.add(name));
    const bad = new Set(quality ? quality.leads : []), reasons = (quality ? quality.reasons : []).filter(reason => !["incomplete", "absentLeads", "rhythmAlarmed", "paceMarks"].includes(reason));
    const severe = reasons.some(reason => ["electrodeOff", "flat", "clipped", "noisy", "outOfRange", "missingLead", "gap"].includes(reason));
    for (const name of Object.keys(PLACES)) {
      const leads = LIMBS[name] || [name];
      const isFaulty = name !== "RL" && leads.every(lead => bad.has(lead));
      found[name] = !signal ? "unknown" : off.has(name) ? "bad" : isFaulty && reasons.length ? (severe ? "bad" : "warn") : "good";
    }
    const key = JSON.stringify([found, reasons, [...off], words.language]);
    if (electrodes.key === key) return;
    electrodes.key = key;
    const svg = $("torso"), make = (tag, attributes) => { const made = document.createElementNS("http://www.w3.org/2000/svg", tag); for (const name in attributes) made.setAttribute(name, attributes[name]); return made; };
    svg.textContent = "";
    svg.append(make("path", { class: "body", d: "M84 3h32v13c6 9 34 8 48 18 9 7 12 24 12 44l-8 104H32L24 78c0-20 3-37 12-44 14-10 42-9 48-18z" }));
    const said = [];
    for (const name in PLACES) {
      const group = make("g", { class: found[name] }), [x, y] = PLACES[name], isChest = name[0] === "V";
      group.append(make("circle", { cx: x, cy: y, r: isChest ? 8 : 10 }));
      const text = make("text", { x: x, y: y + 3.4 });
      text.textContent = isChest ? name.slice(1) : name;
      group.append(text);
      svg.append(group);
      if (found[name] === "bad" || found[name] === "warn") said.push(name);
    }
    const list = $("electrodes");
    list.textContent = "";
    const add = text => list.append(P.element("li", "", text));
    if (!signal) add(P.text("electrodes.unknown"));
    else {
      if (off.size) add(P.text("electrodes.off").replace("{list}", [...off].join(", ")));
      if (reasons.length) add(reasons.map(reason => P.text("reason." + reason, reason)).join(", ") + (bad.size ? ": " + (bad.size === 12 ? P.text("why.allLeads") : [...bad].join(", ")) : ""));
      if (!off.size && !reasons.length) add(P.text("electrodes.good"));
    }
    svg.setAttribute("aria-label", P.text("electrodes") + ": " + (said.length ? said.join(", ") + " " + P.text("electrodes.faulty") : list.textContent));
  }

  function device(live, signal) {
    const rows = [];
    const add = (name, value, isBad) => rows.push([P.text(name), value, Boolean(isBad)]);
    if (live) {
      const streaming = ["streaming", "open"].includes(state.device && state.device.state);
      add("device.state", P.text("device." + (state.device ? state.device.state : "none"), state.device ? state.device.state : ""), !streaming);
      if (state.device && state.device.words && !streaming) add("device.words", state.device.words, true);
      if (state.stream) add("device.rate", state.stream.rate + " Hz");
      add("device.latency", signal && latency !== null ? latency.toFixed(0) + " ms" : "--", latency > 250);
      const link = session && session.counters ? session.counters : {};
      add("loss.signal", P.text("loss.holes").replace("{n}", state.holes), state.holes > 0);
      add("loss.device", String((link.framesSilent || 0) + (link.framesSkipped || 0) + (link.framesMistimed || 0)), (link.framesSilent || 0) + (link.framesSkipped || 0) + (link.framesMistimed || 0) > 0);
      add("loss.page", String(state.missedFrames), state.missedFrames > 0);
      add("loss.you", String(you.unseen), you.unseen > 0);
      add("device.hearing", P.text("hears." + (session ? session.alarms : "unknown"), "--"), session && ["unheard", "none"].includes(session.alarms));
      add("device.viewers", String(state.viewers));
    } else add("device.state", P.text("link.lost"), true);
    const key = JSON.stringify(rows);
    if (device.key === key) return;
    device.key = key;
    const list = $("device");
    list.textContent = "";
    for (const [name, value, isBad] of rows) list.append(P.element("dt", "", name), P.element("dd", isBad ? "bad" : "", value));
  }

  function showEvents() {
    const list = $("events");
    list.textContent = "";
    for (const line of events.slice().reverse().slice(0, 40)) {
      const item = P.element("li"), time = line.utc ? P.clock(Date.parse(line.utc)) : "";
      item.append(P.element("time", "", time), " " + told(line));
      list.append(item);
    }
  }

  function told(line) {
    const name = line.condition ? P.named(line.condition) : "";
    switch (line.event) {
      case "alertRaised": return "▲ " + name + (P.why(line) ? ", " + P.why(line) : "");
      case "alertCleared": return "▼ " + name + " " + P.text("event.over");
      case "alarm": return (name ? name + ": " : "") + P.text("change." + line.change, line.change);
      case "command": return line.who + ": " + (line.command.startsWith("acknowledge ") ? P.text("do.acknowledgeOne") + " " + P.named(line.command.slice(12)) : P.text("command." + line.command, line.command)) + (line.result === "done" ? "" : " — " + line.words);
      case "device": return P.text("device") + ": " + P.text("device." + line.state, line.state) + (line.words ? ", " + line.words : "");
      case "gap": return P.text("event.gap") + (line.frames === null ? "" : " " + line.frames);
      case "stream": return P.text("event.stream");
      case "end": return P.text("event.end");
      case "notice": return P.text("device") + ": " + (line.words || line.kind);
      case "error": return line.message;
      default: return line.event;
    }
  }

  // ---- Pictures and time

  function picture(now) {
    if (hasSignal()) {
      traces.step(now);
      const answer = state.answer;
      if (answer && answer.utc && traces.head > 0) {
        const taken = Date.parse(answer.utc) + (traces.head - answer.sample) / traces.rate * 1000;
        const here = boxNow() - taken;
        latency = latency === null ? here : latency + (here - latency) * 0.05;
      }
    }
    requestAnimationFrame(picture);
  }

  // ---- Settings

  function applyLanguage(language) {
    return fetch(language + ".json").then(answer => answer.json()).then(found => {
      words = found;
      document.documentElement.lang = language;
      for (const element of document.querySelectorAll("[data-t]")) element.textContent = P.text(element.dataset.t);
      $("alarms").setAttribute("aria-label", P.text("alarms"));
      kept.set("language", language);
      showEvents();
      show();
    });
  }

  function ruler(pixels) {
    traces.change({ pixels: pixels });
    $("bar").style.width = pixels * 50 + "px";
    $("bar").firstElementChild.textContent = P.text("set.bar");
  }

  function setUp() {
    const number = (name, otherwise, list) => { const found = Number(kept.get(name)); return list.includes(found) ? found : otherwise; };
    P.leadNames.forEach((name, place) => { const option = P.element("option", "", name); option.value = place; $("lead").append(option); });
    const pixels = Number(kept.get("pixels")) || 96 / 25.4;
    const settings = { speed: number("speed", 25, [25, 50]), gain: number("gain", 10, [5, 10, 20]), leads: number("leads", 12, [1, 3, 6, 12]), lead: number("lead", 1, [...Array(12).keys()]), pixels: pixels };
    for (const name of ["speed", "gain", "leads", "lead"]) {
      $(name).value = String(settings[name]);
      $(name).addEventListener("change", () => { kept.set(name, $(name).value); traces.change({ [name]: Number($(name).value) }); show(); });
    }
    $("ruler").value = pixels;
    $("ruler").addEventListener("input", () => { kept.set("pixels", $("ruler").value); ruler(Number($("ruler").value)); });
    Object.assign(traces.settings, settings);
    ruler(pixels);
    const language = kept.get("language") || (navigator.language || "en").slice(0, 2);
    $("language").value = language === "pt" ? "pt" : "en";
    $("language").addEventListener("change", () => applyLanguage($("language").value));
    $("set").addEventListener("click", () => { $("settings").hidden = !$("settings").hidden; $("set").setAttribute("aria-expanded", String(!$("settings").hidden)); ruler(traces.settings.pixels); });
    $("sound").addEventListener("click", () => { sound.toggle(); show(); });
    $("acknowledge").addEventListener("click", () => ask("acknowledge"));
    $("pause").addEventListener("click", () => ask("pause", $("pause").dataset.on ? "end" : "begin"));
    $("off").addEventListener("click", () => ask("off", state && state.off ? "end" : "begin"));
    $("confirmNo").addEventListener("click", closeConfirm);
    $("confirmYes").addEventListener("click", () => { const code = confirmation; closeConfirm(); if (code) ask("off", "begin", code); });
    $("login").addEventListener("submit", event => {
      event.preventDefault();
      token = $("token").value.trim();
      if ($("keep").checked) kept.set("token", token);
      $("token").value = "";
      isDenied = false;
      connect();
    });
    document.addEventListener("keydown", event => {
      if (event.key === "Escape" && confirmation) return closeConfirm();
      if (event.repeat || event.ctrlKey || event.altKey || event.metaKey || confirmation || /INPUT|SELECT|TEXTAREA/.test(event.target.tagName)) return;
      const button = { a: "acknowledge", p: "pause", o: "off" }[event.key];
      if (button && !$(button).disabled) $(button).click();
    });
    window.addEventListener("resize", () => traces.layOut());
    if (window.ResizeObserver) {
      let before = "";
      new ResizeObserver(() => {
        const size = $("traces").clientWidth + "x" + $("traces").clientHeight;
        if (size !== before) { before = size; traces.layOut(); }
      }).observe($("traces"));
    }
    applyLanguage($("language").value).catch(() => show()).then(connect);
    setInterval(show, 200);
    setInterval(() => { if (isConnected()) ping(); }, 2000);
    requestAnimationFrame(picture);
  }

  // For tests and for the curious: what the page knows.
  window.precordia = { get state() { return state; }, get live() { return isLive(); }, get signal() { return hasSignal(); }, get latency() { return latency; }, get head() { return traces.head; }, get holes() { return holesSeen; }, traces: traces };
  setUp();
})(window.Precordia);
