const contextLines = 3;

/** A stretch of lines that two texts share. */
interface Match {
  readonly a: number;
  readonly b: number;
  readonly size: number;
}

/** A stretch of lines that is equal, or that takes the place of another. */
interface Change {
  readonly equal: boolean;
  readonly a: readonly [number, number];
  readonly b: readonly [number, number];
}

/** The difference of two texts, given as lines, in the unified format with three lines around (github.com/pmezard/go-difflib). */
export function unifiedDiff(a: readonly string[], b: readonly string[]): string {
  return hunksOf(changesOf(a, b))
    .flatMap((hunk) => [heading(hunk), ...hunk.flatMap((change) => changeLines(change, a, b))])
    .map((line) => `${line}\n`)
    .join('');
}

function changeLines(change: Change, a: readonly string[], b: readonly string[]): string[] {
  const before = a.slice(...change.a);
  if (change.equal) return before.map((line) => ` ${line}`);
  return [...before.map((line) => `-${line}`), ...b.slice(...change.b).map((line) => `+${line}`)];
}

function heading(hunk: readonly Change[]): string {
  const range = (side: 'a' | 'b') => {
    const [start, end] = [hunk[0]?.[side][0] ?? 0, hunk.at(-1)?.[side][1] ?? 0];
    const length = end - start;
    if (length === 1) return String(start + 1);
    return `${String(length === 0 ? start : start + 1)},${String(length)}`;
  };
  return `@@ -${range('a')} +${range('b')} @@`;
}

/** Groups changes that have few equal lines between them. */
function hunksOf(changes: readonly Change[]): Change[][] {
  const hunks: Change[][] = [];
  let hunk: Change[] = [];
  for (const change of trimmed(changes)) {
    const [start, end] = change.a;
    if (change.equal && end - start > 2 * contextLines) {
      hunk.push(head(change));
      hunks.push(hunk);
      hunk = [];
      hunk.push(tail(change));
    } else hunk.push(change);
  }
  if (hunk.length > 1 || hunk[0]?.equal === false) hunks.push(hunk);
  return hunks;
}

/** Only a few of the equal lines at both ends are of interest. */
function trimmed(changes: readonly Change[]): Change[] {
  return changes.map((change, index) => {
    if (!change.equal) return change;
    const from = index === 0 ? tail(change) : change;
    return index === changes.length - 1 ? head(from) : from;
  });
}

function head({ a, b, equal }: Change): Change {
  const size = Math.min(contextLines, a[1] - a[0]);
  return { equal, a: [a[0], a[0] + size], b: [b[0], b[0] + size] };
}

function tail({ a, b, equal }: Change): Change {
  const size = Math.min(contextLines, a[1] - a[0]);
  return { equal, a: [a[1] - size, a[1]], b: [b[1] - size, b[1]] };
}

function changesOf(a: readonly string[], b: readonly string[]): Change[] {
  const changes: Change[] = [];
  let [i, j] = [0, 0];
  for (const match of [...matchesOf(a, b), { a: a.length, b: b.length, size: 0 }]) {
    if (i < match.a || j < match.b) changes.push({ equal: false, a: [i, match.a], b: [j, match.b] });
    [i, j] = [match.a + match.size, match.b + match.size];
    if (match.size > 0) changes.push({ equal: true, a: [match.a, i], b: [match.b, j] });
  }
  return changes;
}

/** Shared stretches from the longest on, in order; neighbours are joined. */
function matchesOf(a: readonly string[], b: readonly string[]): Match[] {
  const places = placesOf(b);
  const found: Match[] = [];
  const search = (inA: readonly [number, number], inB: readonly [number, number]): void => {
    const match = longestMatch({ a, b, places }, inA, inB);
    if (match.size === 0) return;
    search([inA[0], match.a], [inB[0], match.b]);
    found.push(match);
    search([match.a + match.size, inA[1]], [match.b + match.size, inB[1]]);
  };
  search([0, a.length], [0, b.length]);
  return joined(found);
}

function joined(matches: readonly Match[]): Match[] {
  const all: Match[] = [];
  for (const match of matches) {
    const last = all.at(-1);
    const touches = last !== undefined && last.a + last.size === match.a && last.b + last.size === match.b;
    if (touches) all[all.length - 1] = { ...last, size: last.size + match.size };
    else all.push(match);
  }
  return all;
}

/** Where each line stands; lines that are all over a long text say little of where one is. */
function placesOf(lines: readonly string[]): ReadonlyMap<string, readonly number[]> {
  const places = new Map<string, number[]>();
  for (const [index, line] of lines.entries()) {
    const known = places.get(line);
    if (known === undefined) places.set(line, [index]);
    else known.push(index);
  }
  if (lines.length < 200) return places;
  const most = Math.floor(lines.length / 100) + 1;
  return new Map([...places].filter(([, indexes]) => indexes.length <= most));
}

interface Texts {
  readonly a: readonly string[];
  readonly b: readonly string[];
  readonly places: ReadonlyMap<string, readonly number[]>;
}

function longestMatch(texts: Texts, inA: readonly [number, number], inB: readonly [number, number]): Match {
  let best: Match = { a: inA[0], b: inB[0], size: 0 };
  let lengths = new Map<number, number>();
  for (let i = inA[0]; i < inA[1]; i += 1) {
    const next = new Map<number, number>();
    for (const j of texts.places.get(texts.a[i] ?? '') ?? []) {
      if (j < inB[0] || j >= inB[1]) continue;
      const size = (lengths.get(j - 1) ?? 0) + 1;
      next.set(j, size);
      if (size > best.size) best = { a: i - size + 1, b: j - size + 1, size };
    }
    lengths = next;
  }
  return grown(best, texts, { inA, inB });
}

/** Takes in equal lines on both sides that are too common to be looked for. */
function grown(
  match: Match,
  { a, b }: Texts,
  { inA, inB }: { readonly inA: readonly [number, number]; readonly inB: readonly [number, number] },
): Match {
  let [start, end] = [0, match.size];
  const equal = (offset: number) => a[match.a + offset] === b[match.b + offset];
  while (match.a + start > inA[0] && match.b + start > inB[0] && equal(start - 1)) start -= 1;
  while (match.a + end < inA[1] && match.b + end < inB[1] && equal(end)) end += 1;
  return { a: match.a + start, b: match.b + start, size: end - start };
}
