import { readFileSync } from 'node:fs';

// Preloaded into a process of a chaos run: while the file that MERIDIAN_CHAOS_CLOCK names holds a number, the process believes
// that it is so many milliseconds later. Monotonic time goes on as it is, as when somebody sets the clock of a machine.
const file = process.env['MERIDIAN_CHAOS_CLOCK'];
const lookEveryMs = 200;
const RealDate = Date;
const realNow = Date.now.bind(Date);
let shiftMs = 0;

class ShiftedDate extends RealDate {
  constructor(...args: readonly unknown[]) {
    if (args.length === 0) super(realNow() + shiftMs);
    else super(...(args as [number]));
  }

  static override now(): number {
    return realNow() + shiftMs;
  }
}

function look(): void {
  try {
    shiftMs = Number(readFileSync(file ?? '', 'utf8').trim()) || 0;
  } catch {
    shiftMs = 0;
  }
  setTimeout(look, lookEveryMs).unref();
}

if (file !== undefined) {
  globalThis.Date = ShiftedDate as DateConstructor;
  look();
}
