import { countText } from '../text.ts';

/** How many names or ranges are told. */
const mostNames = 6;
/** Two neighbours are quicker read as two names. */
const shortestRange = 3;

/** `in all 12 clusters`, `in 3 clusters: east, west-1…west-2` or `in east`; `all` is how many the fleet has. */
export function clustersText(names: readonly string[], all: number): string {
  const [first = ''] = names;
  if (names.length === 1) return `in ${first}`;
  if (names.length === all) return `in all ${countText(all, 'cluster')}`;
  return `in ${countText(names.length, 'cluster')}: ${namesText(names)}`;
}

/** Names in a row; numbered neighbours are one range, and what is too much is counted. */
export function namesText(names: readonly string[]): string {
  const runs = runsOf(names);
  const told = runs.slice(0, mostNames).map(runText);
  const left = runs.slice(mostNames).reduce((sum, run) => sum + run.length, 0);
  return `${told.join(', ')}${left > 0 ? ` and ${left} more` : ''}`;
}

function runText(run: readonly string[]): string {
  const [first = ''] = run;
  return run.length === 1 ? first : `${first}…${run.at(-1) ?? first}`;
}

function runsOf(names: readonly string[]): readonly (readonly string[])[] {
  const runs: string[][] = [];
  for (const name of [...names].sort(byNumber)) {
    const run = runs.at(-1);
    const last = run?.at(-1);
    if (run && last !== undefined && isNext(last, name)) run.push(name);
    else runs.push([name]);
  }
  return runs.flatMap((run) => (run.length < shortestRange ? run.map((name) => [name]) : [run]));
}

interface Numbered {
  readonly stem: string;
  readonly number: number;
  readonly digits: number;
}

function numbered(name: string): Numbered | undefined {
  const [, stem, digits] = /^(.*?)(\d{1,9})$/.exec(name) ?? [];
  return stem === undefined || digits === undefined
    ? undefined
    : { stem, number: Number(digits), digits: digits.length };
}

function isNext(last: string, name: string): boolean {
  const [before, after] = [numbered(last), numbered(name)];
  return before?.stem === after?.stem && before !== undefined && after?.number === before.number + 1;
}

function byNumber(left: string, right: string): number {
  const [one, other] = [numbered(left), numbered(right)];
  if (one && other && one.stem === other.stem) return one.number - other.number || one.digits - other.digits;
  return left < right ? -1 : left > right ? 1 : 0;
}
