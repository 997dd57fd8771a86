import type { KubeObject } from '@meridian/manifests';
import type { Verdict } from './verdict.ts';

/** The rule of a kind: one live object and the time in Unix milliseconds to a verdict. */
export type Rule = (object: KubeObject, nowMs: number) => Verdict;

/** Rules by `group/Kind`. A group that starts with `*.` stands for every group below it, the kind `*` for every kind. */
export interface KindTable {
  readonly [groupAndKind: string]: Rule;
}
