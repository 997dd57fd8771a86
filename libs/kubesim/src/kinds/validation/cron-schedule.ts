import { isKnownZone } from './time-zones.ts';

/** What a field of a schedule may hold. */
interface Bounds {
  readonly least: number;
  readonly most: number;
  readonly names?: readonly string[];
}

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const days = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

/** Minutes, hours, days of the month, months and days of the week. */
const bounds: readonly Bounds[] = [
  { least: 0, most: 59 },
  { least: 0, most: 23 },
  { least: 1, most: 31 },
  { least: 1, most: 12, names: months },
  { least: 0, most: 6, names: days },
];

const named = ['@yearly', '@annually', '@monthly', '@weekly', '@daily', '@midnight', '@hourly'];

/** What is wrong with a schedule in the form of cron, in the words of github.com/robfig/cron; undefined when nothing is. */
export function scheduleProblem(text: string): string | undefined {
  if (text === '') return 'empty spec string';
  const [, zone, rest = ''] = /^(?:CRON_)?TZ=([^ ]*)(.*)$/s.exec(text) ?? [];
  if (zone === undefined) return timesProblem(text);
  return zoneProblem(zone, rest) ?? timesProblem(rest.trim());
}

function zoneProblem(zone: string, rest: string): string | undefined {
  // The parser fails over a zone that nothing follows.
  if (rest === '') return 'invalid schedule format: runtime error: slice bounds out of range [:-1]';
  return isKnownZone(zone) ? undefined : `provided bad location ${zone}: unknown time zone ${zone}`;
}

function timesProblem(schedule: string): string | undefined {
  if (schedule.startsWith('@')) return descriptorProblem(schedule);
  const fields = schedule.split(/\s+/).filter((field) => field !== '');
  if (fields.length !== bounds.length) {
    return `expected exactly 5 fields, found ${String(fields.length)}: [${fields.join(' ')}]`;
  }
  for (const [index, field] of fields.entries()) {
    const problem = fieldProblem(field, bounds[index] ?? { least: 0, most: 0 });
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function descriptorProblem(schedule: string): string | undefined {
  if (named.includes(schedule)) return undefined;
  const every = '@every ';
  if (!schedule.startsWith(every)) return `unrecognized descriptor: ${schedule}`;
  const duration = schedule.slice(every.length);
  const good =
    /^[-+]?(\d+(\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h)((\d+(\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h))*$|^[-+]?0$/;
  if (good.test(duration)) return undefined;
  return `failed to parse duration ${schedule}: time: invalid duration ${JSON.stringify(duration)}`;
}

function fieldProblem(field: string, allowed: Bounds): string | undefined {
  for (const part of field.split(',').filter((one) => one !== '')) {
    const problem = rangeProblem(part, allowed);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

/** One of `*`, `5`, `1-5`, each with a step or without. */
function rangeProblem(part: string, allowed: Bounds): string | undefined {
  const [range = '', ...steps] = part.split('/');
  const ends = endsOf(range, part, allowed);
  if (typeof ends === 'string') return ends;
  if (steps.length > 1) return `too many slashes: ${part}`;
  const step = steps.length === 0 ? 1 : numberOf(steps[0] ?? '');
  if (typeof step === 'string') return step;
  const [start, end] = ends;
  // A single number with a step goes on to the end.
  const isOpen = steps.length === 1 && !range.includes('-');
  return boundsProblem({ part, start, end: isOpen ? allowed.most : end, step }, allowed);
}

function endsOf(range: string, part: string, { least, most, names }: Bounds): [number, number] | string {
  const ends = range.split('-');
  if (ends[0] === '*' || ends[0] === '?') return [least, most];
  const start = numberOf(ends[0] ?? '', names);
  if (typeof start === 'string' || ends.length === 1)
    return typeof start === 'string' ? start : [start, start];
  if (ends.length > 2) return `too many hyphens: ${part}`;
  const end = numberOf(ends[1] ?? '', names);
  return typeof end === 'string' ? end : [start, end];
}

interface Range {
  readonly part: string;
  readonly start: number;
  readonly end: number;
  readonly step: number;
}

function boundsProblem({ part, start, end, step }: Range, { least, most }: Bounds): string | undefined {
  const shown = { start: String(start), end: String(end) };
  if (start < least) return `beginning of range (${shown.start}) below minimum (${String(least)}): ${part}`;
  if (end > most) return `end of range (${shown.end}) above maximum (${String(most)}): ${part}`;
  if (start > end) return `beginning of range (${shown.start}) beyond end of range (${shown.end}): ${part}`;
  return step === 0 ? `step of range should be a positive number: ${part}` : undefined;
}

/** A number, or a name that stands for one; what is wrong with it otherwise. */
function numberOf(text: string, names?: readonly string[]): number | string {
  const place = names?.indexOf(text.toLowerCase()) ?? -1;
  if (place >= 0) return place + (names?.length === months.length ? 1 : 0);
  if (!/^[-+]?\d+$/.test(text)) {
    return `failed to parse int from ${text}: strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`;
  }
  const number = Number(text);
  return number < 0 ? `negative number (${String(number)}) not allowed: ${text}` : number;
}
