import type { KubeObject } from '../object.ts';
import { annotationOf, fluxWord } from './annotations.ts';

/** Annotations of Argo CD for how an object is compared and judged, with what is done instead. */
const argo: readonly (readonly [name: string, instead: string])[] = [
  ['compare-options', 'what git does not name is never drift; ignore fields in the application'],
  ['ignore-healthcheck', 'write a HealthRule for its kind'],
];

/** Words of Flux for steps before an object is applied, with what is done instead. */
const flux: readonly (readonly [name: string, instead: string])[] = [
  ['substitute', 'variables are replaced in all objects of an application or in none'],
  ['decrypt', 'what SOPS has encrypted is always decrypted'],
];

const asksForNothing: ReadonlySet<string> = new Set(['', 'false', 'enabled']);

/** Words for other tools that ask for something and are not followed, each as one sentence with what is done instead. */
export function foreignProblemsOf(object: KubeObject): readonly string[] {
  const asked = [
    ...argo.map(([name, instead]) => {
      const key = `argocd.argoproj.io/${name}`;
      return { key, text: annotationOf(object, key), instead };
    }),
    ...flux.map(([name, instead]) => {
      const key = `kustomize.toolkit.fluxcd.io/${name}`;
      return { key, text: fluxWord(object, name), instead };
    }),
  ];
  return asked
    .filter(({ text }) => text !== undefined && !asksForNothing.has(text.trim().toLowerCase()))
    .map(({ key, instead }) => `the annotation ${key} is not followed: ${instead}`);
}
