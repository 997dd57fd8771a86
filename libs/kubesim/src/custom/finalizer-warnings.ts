import { goQuote, labelKeyProblems } from '@meridian/cel';
import type { KubeObject } from '../kube-object.ts';

const standard: ReadonlySet<string> = new Set(['orphan', 'foregroundDeletion', 'kubernetes']);
const advice = 'to avoid accidental conflicts with other finalizer writers';

/** What to warn of about finalizers that a write adds to an object of a custom kind. */
export function finalizerWarnings(object: KubeObject, old: KubeObject | undefined): string[] {
  const before = old?.metadata.finalizers ?? [];
  const added = (object.metadata.finalizers ?? []).filter((name) => !before.includes(name));
  return [...new Set(added)].sort().flatMap(warningsOf);
}

function warningsOf(name: string): string[] {
  const about = `metadata.finalizers: ${goQuote(name)}`;
  const problems = labelKeyProblems(name).map((problem) => `${about}: ${problem}`);
  if (name.includes('/') || standard.has(name)) return problems;
  const wanted = name.includes('.')
    ? 'prefer a domain-qualified finalizer name including a path (/)'
    : 'prefer a domain-qualified finalizer name';
  return [...problems, `${about}: ${wanted} ${advice}`];
}
