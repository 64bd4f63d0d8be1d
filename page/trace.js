// Twelve leads sweeping over paper: what comes is kept, and drawn as time goes on. A hole in the signal is a hole on the screen.
"use strict";
window.Precordia = window.Precordia || {};
(function (P) {
  const MISSING = -32768;
  const NAMES = ["I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6"];
  const KEPT = 1 << 15; // Frames: a minute at 500 Hz.
  const DELAY = 0.1; // Seconds that the picture is behind the newest sample, so that it flows although packets come in heaps.
  P.leadNames = NAMES;

  P.Traces = class {
    constructor(canvas, box) {
      this.canvas = canvas;
      this.box = box;
      this.draws = canvas.getContext("2d", { alpha: false });
      this.values = new Int16Array(KEPT * 12);
      this.there = new Uint8Array(KEPT);
      this.settings = { speed: 25, gain: 10, leads: 12, lead: 1, pixels: 96 / 25.4 };
      this.paper = document.createElement("canvas");
      this.clear();
    }

    // Nothing is known of a stream yet.
    clear() {
      this.rate = 500;
      this.stream = -1;
      this.newest = -1; // Index after the newest frame.
      this.oldest = -1;
      this.head = -1; // Index up to which the picture is drawn.
      this.cameAt = 0;
      this.there.fill(0);
      if (this.columns) this.layOut();
    }

    // Takes a message of frames; answers how many were missing before it.
    take(buffer) {
      const view = new DataView(buffer);
      const count = view.getUint16(2, true), stream = view.getUint32(4, true), rate = view.getUint32(8, true);
      const first = view.getFloat64(16, true);
      let hole = 0;
      if (stream !== this.stream || rate !== this.rate || first < this.newest) {
        this.clear();
        this.stream = stream;
        this.rate = rate;
        this.oldest = this.newest = first;
      }
      if (this.newest < 0) this.oldest = this.newest = first;
      if (first > this.newest) {
        hole = first - this.newest;
        const from = Math.max(this.newest, first - KEPT);
        for (let index = from; index < first; index++) this.there[index & (KEPT - 1)] = 0;
      }
      const values = new Int16Array(buffer, 32, count * 12);
      for (let frame = 0; frame < count; frame++) {
        const place = (first + frame) & (KEPT - 1);
        this.there[place] = 1;
        this.values.set(values.subarray(frame * 12, frame * 12 + 12), place * 12);
      }
      this.newest = first + count;
      this.oldest = Math.max(this.oldest, this.newest - KEPT + 1024);
      this.cameAt = performance.now();
      return hole;
    }

    // Which leads stand where: columns of leads from top to bottom.
    shown() {
      const { leads, lead } = this.settings, wide = this.width >= 560;
      if (leads === 12) return wide ? [[0, 1, 2, 3, 4, 5], [6, 7, 8, 9, 10, 11]] : [[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]];
      if (leads === 6) return wide ? [[0, 1, 2], [6, 7, 10]] : [[0, 1, 2, 6, 7, 10]];
      if (leads === 3) return [[...new Set([lead, 1, 6, 10])].slice(0, 3)];
      return [[lead]];
    }

    change(settings) {
      Object.assign(this.settings, settings);
      this.layOut();
    }

    layOut() {
      const ratio = window.devicePixelRatio || 1;
      this.width = this.box.clientWidth;
      const leads = this.shown(), rows = leads[0].length;
      const least = rows * (this.width < 560 ? 58 : 76);
      this.box.style.minHeight = Math.max(least, 200) + "px";
      this.height = this.box.clientHeight;
      if (this.width < 40 || this.height < 40) return;
      for (const canvas of [this.canvas, this.paper]) {
        canvas.width = Math.round(this.width * ratio);
        canvas.height = Math.round(this.height * ratio);
      }
      this.canvas.style.width = this.width + "px";
      this.canvas.style.height = this.height + "px";
      this.ratio = ratio;
      const gap = 8, width = (this.width - gap * (leads.length - 1)) / leads.length;
      this.columns = leads.map((list, place) => ({ x: Math.round(place * (width + gap)), width: Math.floor(width), leads: list }));
      this.drawPaper();
      this.again();
    }

    // Draws the whole picture anew from what is kept.
    again() {
      this.draws.setTransform(1, 0, 0, 1, 0, 0);
      this.draws.drawImage(this.paper, 0, 0);
      if (this.head < 0) return;
      const back = Math.floor((this.columns[0].width / this.speed() - 0.35) * this.rate);
      const to = this.head;
      this.head = Math.max(this.oldest, Math.floor(to - Math.max(0, back)));
      this.draw(to);
    }

    speed() { return this.settings.speed * this.settings.pixels; } // Pixels a second.

    drawPaper() {
      const paint = this.paper.getContext("2d"), mm = this.settings.pixels, { gain } = this.settings;
      paint.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
      paint.fillStyle = "#0b0f12";
      paint.fillRect(0, 0, this.width, this.height);
      for (const column of this.columns) {
        const row = this.height / column.leads.length;
        for (let step = 0; step * mm <= Math.max(column.width, this.height); step++) {
          const isThick = step % 5 === 0, at = step * mm;
          if (!isThick && mm < 2.5) continue;
          paint.fillStyle = isThick ? "#3d2a2c" : "#1f191b";
          if (at <= column.width) paint.fillRect(column.x + at, 0, 1, this.height);
          if (at <= this.height) paint.fillRect(column.x, at, column.width, 1);
        }
        column.leads.forEach((lead, place) => {
          const middle = row * (place + 0.5);
          // The calibration: 1 mV high, 5 mm wide.
          const high = gain * mm, wide = Math.max(6, 2 * mm);
          paint.strokeStyle = "#9fb0bb";
          paint.lineWidth = 1.2;
          paint.beginPath();
          paint.moveTo(column.x + 2, middle + high / 2);
          paint.lineTo(column.x + 2 + wide / 4, middle + high / 2);
          paint.lineTo(column.x + 2 + wide / 4, middle - high / 2);
          paint.lineTo(column.x + 2 + wide, middle - high / 2);
          paint.lineTo(column.x + 2 + wide, middle + high / 2);
          if (place === 0) paint.stroke();
          paint.font = "600 14px system-ui, 'DejaVu Sans', sans-serif";
          paint.lineWidth = 4;
          paint.strokeStyle = "#0b0f12";
          paint.strokeText(NAMES[lead], column.x + wide + 8, middle - row / 2 + 15);
          paint.fillStyle = "#e8eef2";
          paint.fillText(NAMES[lead], column.x + wide + 8, middle - row / 2 + 15);
        });
      }
    }

    // Goes on to now. To be called for each picture of the screen.
    step(now) {
      if (this.newest < 0 || !this.columns) return;
      const target = this.newest - DELAY * this.rate;
      if (this.head < 0) this.head = Math.max(this.oldest, target);
      const passed = this.steppedAt ? Math.min(0.2, (now - this.steppedAt) / 1000) : 0;
      this.steppedAt = now;
      const lag = target - this.head;
      // Far behind, because the tab slept or packets came late: there at once. Otherwise time itself, a little faster or slower.
      let to = lag > 0.6 * this.rate ? target : this.head + passed * this.rate * (1 + Math.max(-0.3, Math.min(0.3, 2 * lag / this.rate)));
      to = Math.min(to, this.newest);
      if (to > this.head) this.draw(to);
    }

    // Draws what lies between what is drawn and a place in the stream.
    draw(to) {
      const from = this.head, speed = this.speed(), mm = this.settings.pixels, ratio = this.ratio;
      const begin = Math.floor(from), end = Math.floor(to);
      this.head = to;
      if (end <= begin) return;
      const paint = this.draws;
      const scale = this.settings.gain * mm / 1000;
      for (const column of this.columns) {
        const x = index => (index / this.rate * speed) % column.width;
        const row = this.height / column.leads.length;
        // What is erased may cut into the end of what was drawn, because a line has a width; that much is drawn again, and no more than was erased.
        const again = Math.ceil(2.5 * this.rate / speed), since = Math.max(this.oldest, begin - again);
        const erased = this.erase(column, x(begin), (end - begin) / this.rate * speed + Math.min(16, column.width / 12));
        paint.setTransform(ratio, 0, 0, ratio, 0, 0);
        paint.save();
        paint.beginPath();
        for (const [left, width] of erased) paint.rect(left / ratio, 0, width / ratio, this.height);
        paint.clip();
        this.holes(column, x, since, end);
        paint.strokeStyle = "#7ee08a";
        paint.lineWidth = 1.5;
        paint.lineJoin = "round";
        column.leads.forEach((lead, place) => {
          const middle = row * (place + 0.5);
          paint.beginPath();
          let isDown = false, before = -1;
          for (let index = since; index <= end && index < this.newest; index++) {
            const kept = index & (KEPT - 1), value = this.values[kept * 12 + lead], at = x(index);
            if (!this.there[kept] || value === MISSING) { isDown = false; continue; }
            const y = middle - value * scale;
            // Electrode settling may be beyond the paper: it stays at its edge, and is seen to.
            const inside = Math.max(1, Math.min(this.height - 1, y));
            if (isDown && at >= before) paint.lineTo(column.x + at, inside); else paint.moveTo(column.x + at, inside);
            isDown = true;
            before = at;
          }
          paint.stroke();
        });
        paint.restore();
      }
    }

    // Marks what never came: of all leads a band, of one lead its row.
    holes(column, x, begin, end) {
      const paint = this.draws, row = this.height / column.leads.length, wide = this.speed() / this.rate;
      const last = Math.min(end, this.newest);
      // In whole pixels, so that pieces that follow each other are one band.
      const band = (from, to, top, high) => {
        const left = Math.floor(x(from)), right = Math.ceil(x(to - 1) + wide);
        if (right < left) { band(from, from + Math.ceil((column.width - x(from)) / wide), top, high); paint.fillRect(column.x, top, right, high); return; }
        paint.fillRect(column.x + left, top, right - left, high);
      };
      const bands = (isMissing, top, high) => {
        let from = -1;
        for (let index = begin; index <= last; index++) {
          const missing = index < last && isMissing(index & (KEPT - 1));
          if (missing && from < 0) from = index;
          if (missing || from < 0) continue;
          band(from, index, top, high);
          from = -1;
        }
      };
      paint.fillStyle = "#4d3208";
      bands(kept => !this.there[kept], 0, this.height);
      paint.fillStyle = "#33250f";
      column.leads.forEach((lead, place) => bands(kept => this.there[kept] && this.values[kept * 12 + lead] === MISSING, Math.round(row * place) + 2, Math.round(row) - 4));
    }

    erase(column, from, wide) {
      const paint = this.draws, ratio = this.ratio;
      paint.setTransform(1, 0, 0, 1, 0, 0);
      const parts = wide >= column.width ? [[0, column.width]]
        : from + wide <= column.width ? [[from, wide]] : [[from, column.width - from], [0, from + wide - column.width]];
      const erased = [];
      for (const [start, count] of parts) {
        const left = Math.floor((column.x + start) * ratio), width = Math.ceil(count * ratio) + 1;
        const right = Math.min(left + width, Math.round((column.x + column.width) * ratio));
        if (right <= left) continue;
        paint.drawImage(this.paper, left, 0, right - left, this.paper.height, left, 0, right - left, this.paper.height);
        erased.push([left, right - left]);
      }
      return erased;
    }
  };
})(window.Precordia);
