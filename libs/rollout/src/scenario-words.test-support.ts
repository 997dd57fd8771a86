import type { Hold, RolloutWindow } from '@meridian/fleet';

// hold fleet:lena cluster/us-west-2:omar:600s   (all holds from now on; no words: none)
/** A hold of a script. */
export function holdOf(text: string): Hold {
  const [what = '', author = '', until] = text.split(':');
  const [scope = '', name = ''] = what.split('/');
  const untilMs = until === undefined ? {} : { untilMs: secondsToMs(until) };
  return { scope: scope as 'fleet', name, author, reason: 'maintenance', sinceMs: 0, ...untilMs };
}

// window allow hours 0_8_*_*_1-5 9h Europe/Berlin tier=prod   (before the strategy that has it)
/** The windows of a script with one more. */
export function windowOf(
  before: readonly RolloutWindow[],
  words: readonly string[],
): readonly RolloutWindow[] {
  const [kind = '', name = '', schedule = '', hours = '', timeZone = '', ...labels] = words;
  const matchLabels = Object.fromEntries(labels.map(pair));
  const durationMs = Number(hours.replace('h', '')) * 3_600_000;
  const text = schedule.replaceAll('_', ' ');
  const window = {
    name,
    kind: kind as 'allow',
    schedule: text,
    durationMs,
    timeZone,
    clusters: { matchLabels },
  };
  return [...before, window];
}

/** `name=value`; a word alone has an empty value. */
export function pair(word: string): [string, string] {
  const at = word.indexOf('=');
  return at < 0 ? [word, ''] : [word.slice(0, at), word.slice(at + 1)];
}

/** `60s` in milliseconds. */
export function secondsToMs(text: string): number {
  return Number(text.replace(/s$/, '')) * 1000;
}
