import type { Health } from '@meridian/fleet';
import { at, oneLine, textAt } from '../read.ts';
import type { Rule } from '../rule.ts';

/** What the words of one status field mean. Numbers are compared as text. */
export interface PhaseRule {
  readonly Healthy?: readonly string[];
  readonly Progressing?: readonly string[];
  readonly Degraded?: readonly string[];
  readonly Suspended?: readonly string[];
  readonly Missing?: readonly string[];
  readonly Unknown?: readonly string[];
  /** For any other word; Progressing unless told. */
  readonly otherwise?: Health;
  /** When the field is absent; Progressing unless told. */
  readonly absent?: Health;
  /** Path of a field that says more. */
  readonly says?: string;
}

const healths: readonly (Health & keyof PhaseRule)[] = [
  'Healthy',
  'Progressing',
  'Degraded',
  'Suspended',
  'Missing',
  'Unknown',
];

/** A rule on the word in the field at `path` (names joined by dots). */
export function phases(path: string, rule: PhaseRule): Rule {
  const meaning = new Map<string, Health>();
  for (const health of healths) for (const word of rule[health] ?? []) meaning.set(word, health);
  const steps = path.split('.');
  const saysAt = rule.says?.split('.');
  const name = steps.at(-1) ?? path;
  return (object) => {
    const word = at(object, ...steps);
    if (typeof word !== 'string' && typeof word !== 'number' && typeof word !== 'boolean')
      return { health: rule.absent ?? 'Progressing', reason: `${name} is not told yet` };
    const more = saysAt ? textAt(object, ...saysAt) : '';
    const reason = `${name} is ${oneLine(String(word)) || 'empty'}${more ? `: ${oneLine(more)}` : ''}`;
    return { health: meaning.get(String(word)) ?? rule.otherwise ?? 'Progressing', reason };
  };
}
