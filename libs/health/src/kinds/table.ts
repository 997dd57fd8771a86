import type { KubeObject } from '@meridian/manifests';
import { groupOf } from '@meridian/manifests';
import type { KindTable, Rule } from '../rule.ts';
import { builtInKinds } from './built-in.ts';
import { certificateKinds } from './certificates.ts';
import { cloudKinds } from './cloud.ts';
import { databaseKinds } from './databases.ts';
import { gitopsKinds } from './gitops.ts';
import { messagingKinds } from './messaging.ts';
import { networkingKinds } from './networking.ts';
import { numaflowKinds } from './numaflow.ts';
import { observabilityKinds } from './observability.ts';
import { operatorKinds } from './operators.ts';
import { platformKinds } from './platform.ts';
import { promoterKinds } from './promoter.ts';
import { servingKinds } from './ml-serving.ts';
import { storageKinds } from './storage.ts';
import { trainingKinds } from './ml-training.ts';

const tables: readonly KindTable[] = [
  builtInKinds,
  certificateKinds,
  cloudKinds,
  databaseKinds,
  gitopsKinds,
  messagingKinds,
  networkingKinds,
  numaflowKinds,
  observabilityKinds,
  operatorKinds,
  platformKinds,
  promoterKinds,
  servingKinds,
  storageKinds,
  trainingKinds,
];

const all: ReadonlyMap<string, Rule> = new Map(tables.flatMap((table) => Object.entries(table)));

/** Groups below a domain, as `*.crossplane.io/*`: what is behind the star. */
const domains: readonly (readonly [suffix: string, rule: Rule])[] = [...all].flatMap(([key, rule]) =>
  key.startsWith('*.') && key.endsWith('/*') ? [[key.slice(1, -2), rule]] : [],
);

/** The kinds that have a rule, as `group/Kind`, in order. */
export const judgedKinds: readonly string[] = [...all.keys()].toSorted();

/** The rule of a kind: its own, that of its group, that of a domain of groups; undefined when there is none. */
export function ruleOf(object: KubeObject): Rule | undefined {
  const group = groupOf(object.apiVersion);
  const own = all.get(`${group}/${object.kind}`) ?? all.get(`${group}/*`);
  return own ?? domains.find(([suffix]) => group.endsWith(suffix))?.[1];
}
