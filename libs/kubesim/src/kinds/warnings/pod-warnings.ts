import { dnsLabelProblems, goQuote } from '@meridian/cel';
import { isObject, itemsAt, numberAt, objectAt, textAt, textsAt } from '../../json.ts';
import type { Json, JsonObject } from '../../json.ts';
import type { KubeObject } from '../../kube-object.ts';
import { itemsWithPaths } from '../validation/checks.ts';
import { everyContainer, textOf, wordsOf } from '../validation/pod/forms.ts';
import { addressWarnings } from '../validation/address-errors.ts';
import { containerWarnings, fractionWarnings } from './container-warnings.ts';
import { affinityWarnings, deprecatedNodeLabel, spreadWarnings } from './node-label-warnings.ts';
import { portWarnings } from './port-warnings.ts';
import { volumeWarnings } from './volume-warnings.ts';

/** What a server warns of a pod that is created (pkg/api/pod/warnings.go and the pod's strategy). */
export function newPodWarnings(pod: KubeObject): string[] {
  const spec = objectAt(pod, 'spec') ?? {};
  return [
    ...nameWarnings(pod, "the Pod's hostname"),
    ...appArmorWarnings(pod.metadata.annotations ?? {}, spec),
    ...specWarnings({ spec, annotations: pod.metadata.annotations ?? {}, path: '', isTemplate: false }),
  ];
}

/** What a server warns of a template of pods at a path. */
export function templateWarnings(template: JsonObject | undefined, path: string): string[] {
  if (template === undefined) return [];
  return specWarnings({
    spec: objectAt(template, 'spec') ?? {},
    annotations: textsAt(template, 'metadata', 'annotations'),
    path: `${path}.`,
    isTemplate: true,
  });
}

/** Names of objects become names of pods and hosts, which take less. */
export function nameWarnings({ metadata }: KubeObject, use = 'Pod names and hostnames'): string[] {
  const problems = dnsLabelProblems(metadata.name ?? '');
  if (problems.length === 0) return [];
  const why = 'which can result in surprising behavior; a DNS label is recommended';
  return [`metadata.name: this is used in ${use}, ${why}: [${problems.join(' ')}]`];
}

interface Warned {
  readonly spec: JsonObject;
  readonly annotations: Readonly<Record<string, string>>;
  /** Before `spec` and `metadata`: empty, or with a dot at its end. */
  readonly path: string;
  readonly isTemplate: boolean;
}

function specWarnings(warned: Warned): string[] {
  const { spec, path } = warned;
  const at = `${path}spec`;
  const grace = numberAt(spec, 'terminationGracePeriodSeconds') ?? 0;
  const negative = 'must be >= 0; negative values are invalid and will be treated as 1';
  const containers = everyContainer(spec, at);
  return [
    ...Object.keys(textsAt(spec, 'nodeSelector')).flatMap((key) =>
      deprecatedNodeLabel(key, (words) => `${at}.nodeSelector[${key}]: ${words}`),
    ),
    ...affinityWarnings(objectAt(spec, 'affinity', 'nodeAffinity') ?? {}, `${at}.affinity.nodeAffinity`),
    ...spreadWarnings(spec['topologySpreadConstraints'], `${at}.topologySpreadConstraints`),
    ...annotationWarnings(warned),
    ...volumeWarnings(spec['volumes'], `${at}.volumes`),
    ...repeatWarnings(itemsAt(spec, 'hostAliases'), `${at}.hostAliases`, 'ip'),
    ...repeatWarnings(itemsAt(spec, 'imagePullSecrets'), `${at}.imagePullSecrets`, 'name'),
    ...emptyNameWarnings(spec['imagePullSecrets'], `${at}.imagePullSecrets`),
    ...fractionWarnings(textsAt(spec, 'overhead'), `${at}.overhead`),
    ...podSeccompWarnings(warned),
    ...containers.flatMap((container) => containerWarnings(container, warned)),
    ...portWarnings(containers),
    ...(grace < 0 ? [`${at}.terminationGracePeriodSeconds: ${negative}`] : []),
    ...podAffinityWarnings(objectAt(spec, 'affinity') ?? {}, `${at}.affinity`),
    ...wordsOf(spec, 'dnsConfig', 'nameservers').flatMap((server, index) =>
      addressWarnings(server, `${at}.dnsConfig.nameservers[${String(index)}]`),
    ),
    ...itemsWithPaths(spec['hostAliases'], `${at}.hostAliases`).flatMap(([alias, place]) =>
      addressWarnings(textOf(alias, 'ip'), `${place}.ip`),
    ),
  ];
}

const deprecated = {
  'scheduler.alpha.kubernetes.io/critical-pod':
    'non-functional in v1.16+; use the "priorityClassName" field instead',
  'security.alpha.kubernetes.io/sysctls': 'non-functional in v1.11+; use the "sysctls" field instead',
  'security.alpha.kubernetes.io/unsafe-sysctls': 'non-functional in v1.11+; use the "sysctls" field instead',
};

function annotationWarnings({ annotations, path }: Warned): string[] {
  return Object.entries(deprecated)
    .filter(([key]) => Object.hasOwn(annotations, key))
    .map(([key, words]) => `${path}metadata.annotations[${key}]: ${words}`);
}

const podSeccomp = 'seccomp.security.alpha.kubernetes.io/pod';

function podSeccompWarnings({ spec, annotations, path }: Warned): string[] {
  const said = objectAt(spec, 'securityContext', 'seccompProfile') !== undefined;
  if (said || !Object.hasOwn(annotations, podSeccomp)) return [];
  const words = 'non-functional in v1.27+; use the "seccompProfile" field instead';
  return [`${path}metadata.annotations[${podSeccomp}]: ${words}`];
}

const appArmor = 'container.apparmor.security.beta.kubernetes.io/';

/** Profiles of pods are taken over from annotations, of which the server warns. */
function appArmorWarnings(annotations: Readonly<Record<string, string>>, spec: JsonObject): string[] {
  return everyContainer(spec, '').flatMap(([container]) => {
    const key = `${appArmor}${textOf(container, 'name')}`;
    const said = objectAt(container, 'securityContext', 'appArmorProfile') !== undefined;
    if (said || !Object.hasOwn(annotations, key)) return [];
    const words = 'deprecated since v1.30; use the "appArmorProfile" field instead';
    return [`metadata.annotations[${key}]: ${words}`];
  });
}

function repeatWarnings(items: readonly Json[], path: string, field: string): string[] {
  const seen = new Set<string>();
  return items.flatMap((item, index) => {
    const value = textAt(item, field) ?? '';
    if (seen.has(value)) return [`${path}[${String(index)}].${field}: duplicate ${field} ${goQuote(value)}`];
    seen.add(value);
    return [];
  });
}

function emptyNameWarnings(secrets: Json | undefined, path: string): string[] {
  return itemsWithPaths(secrets, path)
    .filter(([secret]) => textOf(secret, 'name') === '')
    .map(([, at]) => `${at}.name: invalid empty name ""`);
}

const needed = 'requiredDuringSchedulingIgnoredDuringExecution';
const wished = 'preferredDuringSchedulingIgnoredDuringExecution';

function podAffinityWarnings(affinity: JsonObject, path: string): string[] {
  return ['podAffinity', 'podAntiAffinity'].flatMap((field) => {
    const found = objectAt(affinity, field) ?? {};
    const at = `${path}.${field}`;
    return [
      ...itemsWithPaths(found[needed], `${at}.${needed}`).flatMap(([term, place]) =>
        unselectiveWarnings(term, place),
      ),
      ...itemsWithPaths(found[wished], `${at}.${wished}`).flatMap(([term, place]) =>
        unselectiveWarnings(objectAt(term, 'podAffinityTerm') ?? {}, `${place}.podAffinityTerm`),
      ),
    ];
  });
}

function unselectiveWarnings(term: JsonObject, path: string): string[] {
  if (isObject(term['labelSelector'])) return [];
  return [`${path}.labelSelector: a null labelSelector results in matching no pod`];
}
