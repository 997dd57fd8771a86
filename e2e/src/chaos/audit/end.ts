import type { CaseFile, Content, Violation } from './facts.ts';

/** In the end every cluster holds exactly what the last commits say. */
export function auditEnd(file: Pick<CaseFile, 'found' | 'wanted'>, atMs: number): Violation[] {
  const pairs = new Set([...file.wanted.keys(), ...file.found.keys()]);
  return [...pairs].flatMap((pair) => {
    const why = difference(file.wanted.get(pair) ?? new Map(), file.found.get(pair) ?? new Map());
    return why === undefined ? [] : [{ invariant: 'converged', atMs, message: `${pair} ${why}` }];
  });
}

/** How what is there differs from what should be; undefined when it does not. */
export function difference(wanted: Content, found: Content): string | undefined {
  const missing = [...wanted.keys()].filter((name) => !found.has(name));
  if (missing.length > 0) return `is without ${missing.join(', ')}`;
  const left = [...found.keys()].filter((name) => !wanted.has(name));
  if (left.length > 0) return `still has ${left.join(', ')}`;
  const other = [...wanted].find(([name, value]) => found.get(name) !== value);
  return other && `has ${other[0]} with ${found.get(other[0]) ?? 'nothing'}, not ${other[1]}`;
}
