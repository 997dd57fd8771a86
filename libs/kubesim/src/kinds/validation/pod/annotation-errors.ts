import { forbidden, invalid } from '../../../errors/field-error.ts';
import type { FieldError } from '../../../errors/field-error.ts';
import { memberOf, objectAt, textAt } from '../../../json.ts';
import type { JsonObject } from '../../../json.ts';
import { everyContainer, textOf } from './forms.ts';
import { descending } from './paths.ts';

const mirror = 'kubernetes.io/config.mirror';
const deletionCost = 'controller.kubernetes.io/pod-deletion-cost';
const podSeccomp = 'seccomp.security.alpha.kubernetes.io/pod';
const containerSeccomp = 'container.seccomp.security.alpha.kubernetes.io/';
const appArmor = 'container.apparmor.security.beta.kubernetes.io/';

type Annotations = Readonly<Record<string, string>>;

/** What is wrong with annotations that mean something to a pod (ValidatePodSpecificAnnotations of pkg/apis/core/validation). */
export function podAnnotationErrors(annotations: Annotations, spec: JsonObject, path: string): FieldError[] {
  const mirrored = annotations[mirror];
  const why = 'must set spec.nodeName if mirror pod annotation is set';
  return [
    ...(mirrored !== undefined && textOf(spec, 'nodeName') === ''
      ? [invalid(`${path}[${mirror}]`, mirrored, why)]
      : []),
    ...costErrors(annotations[deletionCost], `${path}[${deletionCost}]`),
    ...Object.entries(annotations)
      .filter(([key]) => key === podSeccomp || key.startsWith(containerSeccomp))
      .flatMap(([key, profile]) => seccompErrors(profile, `${path}.${key}`)),
    ...Object.entries(annotations)
      .filter(([key]) => key.startsWith(appArmor))
      .flatMap(([key, profile]) => appArmorErrors([key, profile], spec, path)),
  ];
}

function costErrors(cost: string | undefined, path: string): FieldError[] {
  if (cost === undefined) return [];
  // A leading plus or zero is refused, as it says the same number in another way.
  const form = /^-?(0|[1-9]\d*)$/.test(cost) && cost !== '-0';
  const fits = Math.abs(Number(cost)) < 2 ** 31 || Number(cost) === -(2 ** 31);
  return form && fits ? [] : [invalid(path, cost, 'must be a 32bit integer')];
}

function seccompErrors(profile: string, path: string): FieldError[] {
  if (['runtime/default', 'docker/default', 'unconfined'].includes(profile)) return [];
  if (profile.startsWith('localhost/')) return descending(profile.slice('localhost/'.length), path);
  return [invalid(path, profile, 'must be a valid seccomp profile')];
}

function appArmorErrors([key, profile]: [string, string], spec: JsonObject, path: string): FieldError[] {
  const name = key.slice(appArmor.length);
  const names = everyContainer(spec, '').map(([container]) => textOf(container, 'name'));
  const known = ['', 'runtime/default', 'unconfined'].includes(profile) || profile.startsWith('localhost/');
  const why = `invalid AppArmor profile name: ${JSON.stringify(profile)}`;
  return [
    ...(names.includes(name) ? [] : [invalid(`${path}[${key}]`, name, 'container not found')]),
    ...(known ? [] : [invalid(`${path}[${key}]`, profile, why)]),
  ];
}

/** Where an annotation and a field say different things of the same profile. */
export function profileClashErrors(annotations: Annotations, spec: JsonObject, path: string): FieldError[] {
  const containers = everyContainer(spec, path);
  const podProfile = objectAt(spec, 'securityContext', 'appArmorProfile');
  const isWindows = textAt(spec, 'os', 'name') === 'windows';
  return [
    ...seccompClash(annotations[podSeccomp], objectAt(spec, 'securityContext', 'seccompProfile'), path),
    ...containers.flatMap(([container, at]) => {
      const annotation = annotations[`${containerSeccomp}${textOf(container, 'name')}`];
      return seccompClash(annotation, objectAt(container, 'securityContext', 'seccompProfile'), at);
    }),
    ...(isWindows ? [] : containers).flatMap(([container, at]) => {
      const profile = objectAt(container, 'securityContext', 'appArmorProfile') ?? podProfile;
      const annotation = annotations[`${appArmor}${textOf(container, 'name')}`];
      return clash(annotation, profile, { path: `${at}.securityContext.appArmorProfile`, kind: 'apparmor' });
    }),
  ];
}

function seccompClash(
  annotation: string | undefined,
  profile: JsonObject | undefined,
  path: string,
): FieldError[] {
  // Docker's default is an old name of the runtime's.
  const known = annotation === 'docker/default' ? 'runtime/default' : annotation;
  return clash(known, profile, { path: `${path}.securityContext.seccompProfile`, kind: 'seccomp' });
}

const annotationOf: Readonly<Record<string, string>> = {
  Unconfined: 'unconfined',
  RuntimeDefault: 'runtime/default',
};

function clash(
  annotation: string | undefined,
  profile: JsonObject | undefined,
  { path, kind }: { readonly path: string; readonly kind: string },
): FieldError[] {
  if (annotation === undefined || profile === undefined) return [];
  const type = textOf(profile, 'type');
  const wrongType = forbidden(`${path}.type`, `${kind} type in annotation and field must match`);
  const wanted = memberOf(annotationOf, type);
  if (wanted !== undefined) return annotation === wanted ? [] : [wrongType];
  if (type !== 'Localhost') return [];
  if (!annotation.startsWith('localhost/')) return [wrongType];
  if (annotation === `localhost/${textOf(profile, 'localhostProfile')}`) return [];
  return [forbidden(`${path}.localhostProfile`, `${kind} profile in annotation and field must match`)];
}

/** Annotations of a pod that may not be changed once it is there (ValidatePodSpecificAnnotationUpdates). */
export function annotationChange(annotations: Annotations, old: Annotations, path: string): FieldError[] {
  const special: readonly (readonly [(key: string) => boolean, string])[] = [
    [(key) => key.startsWith(appArmor), 'AppArmor annotations'],
    [(key) => key === mirror, 'mirror pod annotation'],
  ];
  const found = (keys: readonly string[], verb: string) =>
    keys.flatMap((key) =>
      special
        .filter(([is]) => is(key))
        .map(([, words]) => forbidden(`${path}[${key}]`, `may not ${verb} ${words}`)),
    );
  return [
    ...found(
      Object.keys(old).filter((key) => annotations[key] !== old[key]),
      'remove or update',
    ),
    ...found(
      Object.keys(annotations).filter((key) => !Object.hasOwn(old, key)),
      'add',
    ),
  ];
}
