import type { HealthRule } from '@meridian/fleet';
import { judge } from '@meridian/health';
import type { Verdict } from '@meridian/health';
import type { KubeObject, ObjectKey } from '@meridian/manifests';

/** What judges the objects of a kind. */
export interface Judging {
  readonly judge: (object: KubeObject, nowMs: number) => Verdict;
  /** The rule of the fleet that does, as text; '' when it is our own. Objects are judged anew when it is another one. */
  readonly rule: string;
}

/** What judges each kind of an application. */
export type JudgingOf = (key: Pick<ObjectKey, 'group' | 'kind'>) => Judging;

/** Makes rules ready; those of the last few assignments are kept, for many applications have the same. */
export interface Judges {
  for(rules: readonly HealthRule[] | undefined): Promise<JudgingOf>;
}

/** Judges by our own rules alone. */
export const ownJudging: Judging = { judge, rule: '' };

const mostKept = 32;

/** Judges of one agent. What reads expressions is loaded with the first rule: that takes memory, and many fleets have none. */
export function createJudges(): Judges {
  const kept = new Map<string, Promise<JudgingOf>>();
  return {
    for(rules = []) {
      if (rules.length === 0) return Promise.resolve(() => ownJudging);
      const text = JSON.stringify(rules);
      const known = kept.get(text) ?? read(rules);
      if (!kept.has(text) && kept.size >= mostKept) kept.clear();
      kept.set(text, known);
      return known;
    },
  };
}

async function read(rules: readonly HealthRule[]): Promise<JudgingOf> {
  const { HealthRules } = await import('@meridian/policy');
  const ready = new HealthRules(rules);
  const judgeBy = (object: KubeObject, nowMs: number) => ready.judge(object, nowMs);
  return (key) => {
    const rule = ready.textFor(key);
    return rule === '' ? ownJudging : { judge: judgeBy, rule };
  };
}
