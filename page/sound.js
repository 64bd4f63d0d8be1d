// The browser's own sound, if a person has switched it on: bursts by priority as the standard has them. It is no replacement for the box's.
"use strict";
window.Precordia = window.Precordia || {};
(function (P) {
  // Seconds at which pulses begin, and after which the burst comes again (IEC 60601-1-8, tables 3 and 4).
  const BURSTS = {
    high: { starts: [0, 0.25, 0.5, 0.9, 1.15, 1.9, 2.15, 2.4, 2.8, 3.05], pulse: 0.12, again: 7 },
    medium: { starts: [0, 0.35, 0.7], pulse: 0.2, again: 12 },
    low: { starts: [0, 0.35], pulse: 0.2, again: 24 },
    lost: { starts: [0, 0.25, 0.5, 0.9, 1.15], pulse: 0.12, again: 5 },
  };
  const TONES = { high: [523, 659, 784, 659, 523], medium: [523, 587, 659], low: [659, 523], lost: [880, 698] };

  P.Sound = class {
    constructor() {
      this.isOn = false;
      this.playing = null;
      this.due = 0;
    }

    // In a click: browsers let nothing sound before one.
    toggle() {
      this.isOn = !this.isOn;
      if (!this.isOn) return;
      const Context = window.AudioContext || window.webkitAudioContext;
      if (!Context) return;
      this.context = this.context || new Context();
      this.context.resume();
      this.beep(880, this.context.currentTime, 0.08);
    }

    // Whether it sounds if it has to: off, on, or on and unable.
    get state() { return !this.isOn ? "off" : this.context && this.context.state === "running" ? "on" : "cannot"; }

    // What shall sound now: a priority, `lost`, or nothing.
    want(priority) {
      if (priority !== this.playing) {
        this.playing = priority;
        this.due = 0;
      }
      const burst = BURSTS[priority];
      if (!burst || this.state !== "on") return;
      const now = this.context.currentTime;
      if (now < this.due) return;
      this.due = now + burst.again;
      const tones = TONES[priority];
      burst.starts.forEach((start, place) => this.beep(tones[place % tones.length], now + 0.05 + start, burst.pulse));
    }

    beep(tone, at, lasting) {
      const oscillator = this.context.createOscillator(), volume = this.context.createGain();
      oscillator.type = "triangle";
      oscillator.frequency.value = tone;
      volume.gain.setValueAtTime(0, at);
      volume.gain.linearRampToValueAtTime(0.5, at + 0.02);
      volume.gain.setValueAtTime(0.5, at + lasting - 0.02);
      volume.gain.linearRampToValueAtTime(0, at + lasting);
      oscillator.connect(volume).connect(this.context.destination);
      oscillator.start(at);
      oscillator.stop(at + lasting);
    }
  };
})(window.Precordia);
